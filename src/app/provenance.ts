/** Gathers the facts of an image's provenance from the store and the description, before anything is pushed. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, relative } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { isImageDirectory, type ImageDirectory } from "../image/image-directory.ts";
import type { Spec } from "../language/index.ts";
import { entryOf, type PinnedNixpkgs } from "../lock/pins.ts";
import { platformOf, platformText } from "../oci/platform.ts";
import { readGraph, sourcesOf, type Graph } from "../provenance/graph.ts";
import { predicate, type BuildFacts, type SpecFacts } from "../provenance/predicate.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";
import { runTool } from "../util/run-tool.ts";
import { readText } from "../util/text-files.ts";
import type { Compiled, SpecOptions } from "./compile.ts";
import { lockPath } from "./lock-file.ts";

export interface KnownFacts {
  spec: SpecFacts | undefined;
  /** How it is known that a second build gives the same images (`checkedReproducible`). */
  reproducible: string | undefined;
}

/**
 * The provenance of a build: an image, or the index of several. `path`: the built image directory, index directory or
 * digests file. Throws if a store path of the images is not explained by the derivations.
 */
export async function provenanceOf(path: string, images: ImageDirectory[], known: KnownFacts): Promise<object> {
  const [{ root, file }] = images as [ImageDirectory, ...ImageDirectory[]];
  const store = root === "" ? [] : ["--store", root];
  const output = realpathSync(path).slice(root.length);
  const derivation = await deriverOf(output, file.storeDir, store);
  const graph = readGraph(derivation, root);
  const facts: BuildFacts = {
    image: file.name,
    platforms: images.map(({ config }) => platformText(platformOf(config))),
    derivation,
    graph,
    sourceHashes: await hashesOf(sourcesOf(graph), store),
    basePaths: basePaths(graph, images),
    ...known,
    root,
    homepage: manifest.homepage,
    versions: { imgc: manifest.version, nix: (await runTool("nix", ["--version"])).trim() },
  };
  return predicate(facts);
}

async function deriverOf(output: string, storeDir: string, store: string[]): Promise<string> {
  const where = `the provenance of ${output}`;
  if (!output.startsWith(`${storeDir}/`))
    throw new ImgcError(EXIT.usage, `${where} needs the store that built it, but it is not in a store`);
  const deriver = (await runTool("nix-store", [...store, "--query", "--deriver", output])).trim();
  if (deriver.endsWith(".drv")) return deriver;
  throw new ImgcError(
    EXIT.environment,
    `${where} needs its derivation, which this store does not know; build the image on this machine first`,
  );
}

/** The NAR hash of each path, as the store's database knows it. */
async function hashesOf(paths: string[], store: string[]): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const hashes = (await runTool("nix-store", [...store, "--query", "--hash", ...paths])).trim().split("\n");
  return new Map(paths.map((path, i) => [path, hashes[i] ?? ""]));
}

/** The store paths of a base that was not built from a description, with their NAR hashes if the base says them. */
function basePaths(graph: Graph, images: ImageDirectory[]): Map<string, string | undefined> {
  const made = new Set([...graph].flatMap(([path, { outputs, sources }]) => [path, ...outputs, ...sources]));
  const layers = images.flatMap((image) => image.layers);
  const foreign = new Set(layers.flatMap(({ content }) => (content.blob === undefined ? [] : content.paths)));
  const strange = layers.flatMap(({ content }) => content.paths).find((path) => !made.has(path) && !foreign.has(path));
  if (strange !== undefined)
    throw new ImgcError(
      EXIT.findings,
      `the image contains ${printableLine(strange)}, which none of the derivations that built the image made`,
    );
  const known = new Map(
    images.flatMap(({ file }) => file.closure.map(({ path, narHash }) => [path, narHash] as const)),
  );
  const held = images.flatMap(({ file }) => [...file.held, ...file.closure.map(({ path }) => path)]);
  const others = [...new Set([...foreign, ...held])].filter((path) => !made.has(path)).toSorted();
  return new Map(others.map((path) => [path, known.get(path)]));
}

/**
 * If all images have `expect { reproducible }`, builds their parts again. Returns the method if the second build was
 * equal, and throws if it was not. Undefined without the expectation, and for digests files.
 */
export async function checkedReproducible(
  images: ImageDirectory[],
  options: { onStep: (step: string) => void; signal: AbortSignal },
): Promise<string | undefined> {
  if (!images.every(({ path, file }) => file.expect.reproducible && isImageDirectory(path))) return undefined;
  const { checkReproducible } = await import("../expect/reproducible.ts");
  for (const { path } of images) {
    const [finding] = await checkReproducible(path, options);
    if (finding !== undefined) throw new ImgcError(EXIT.findings, `the image is not reproducible: ${finding}`);
  }
  return "nix-store --realise --check of the image's parts, and of its packages that were built on this machine";
}

/** The facts of a description for the provenance of one of its images. */
export function specFacts(file: string, { spec, options, sources }: Compiled, { set = [] }: SpecOptions): SpecFacts {
  const folder = dirname(file);
  const { place } = spec.nixpkgs;
  const reference = place !== null && "flake" in place ? place.flake : undefined;
  const pinned = reference === undefined ? undefined : entryOf(options.lock.nixpkgs, reference);
  return {
    files: [...sources.values()].map(({ path, text }) => ({ name: relative(folder, path), text })),
    lock: existsSync(lockPath(file)) ? readText(lockPath(file)) : undefined,
    parameters: set,
    packageSet:
      reference === undefined || pinned === undefined || options.nixpkgs !== undefined
        ? undefined
        : { reference, uri: uriOf(pinned), narHash: pinned.narHash },
    bases: basesOf(spec).flatMap((name) => {
      const base = entryOf(options.lock.bases, name);
      return base === undefined ? [] : [{ reference: name, digest: base.digest }];
    }),
  };
}

function basesOf({ images }: Spec): string[] {
  return [...new Set(images.flatMap(({ base }) => (base.kind === "registry" ? [base.reference] : [])))];
}

/** A package set as an address: SPDX 2.3, "Package download location", has this form for git. */
function uriOf(pinned: PinnedNixpkgs): string {
  switch (pinned.fetch) {
    case "tarball":
      return pinned.url;
    case "git":
      return `git+${pinned.url}@${pinned.rev}`;
    case "path":
      return pinned.path;
  }
}
