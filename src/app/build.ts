/** Builds a spec's images with Nix. */
import { dirname, resolve } from "node:path";
import { cachePolicy } from "../cache/policy.ts";
import { CacheSession } from "../cache/session.ts";
import { trustProblem } from "../cache/trust.ts";
import type { BuiltDerivation } from "../nix/build-log.ts";
import type { Lock } from "../lock/lock-file.ts";
import { nixBuild, type BuildResult } from "../nix/build.ts";
import type { NixEvent, TracedImage } from "../nix/log.ts";
import type { BuiltOutputs, OutputImage } from "./built-outputs.ts";
import { explainBuild } from "./build-failure.ts";
import { compileFile, tracedExpression, wantedImages, type SpecOptions, type Compiled } from "./compile.ts";
import { onlyAttribute } from "./evaluate-image.ts";
import type { Context, LayerSource, Reporter } from "./reporter.ts";
import { ResultLinks } from "./result-links.ts";
import { withBases } from "./prefetch.ts";
import { planTogether } from "./plan-together.ts";
import type { SharingByImage } from "./sharing.ts";

export interface BuildOptions extends SpecOptions {
  /** Name of the link to the first output; further links append `-1`, `-2`, …; null: no links. */
  outLink: string | null;
  /** Options for `nix build`. */
  nix?: string[];
  /** Throws if several images are wanted. */
  isSingle?: boolean;
}

export interface BuiltImage extends OutputImage {
  /** The path of the output, in the form that the spec asks for. */
  output: string;
  /** The inputs of the image's plan, by platform. */
  inputs: TracedImage["inputs"];
}

export interface BuiltSpec {
  images: BuiltImage[];
  built: BuiltDerivation[];
  /** The prefix of store paths on this machine: the folder of `cache { store … }`, or "". */
  root: string;
  /** The lock with which the images were planned. */
  lock: Lock;
  /** The classes of packages that the images share; undefined if they stay as recorded. */
  sharing: SharingByImage | undefined;
}

export async function buildSpec(
  file: string,
  options: BuildOptions,
  { reporter, signal }: Context,
): Promise<BuiltSpec> {
  const compiled = compileFile(file, options, reporter);
  const { spec, attributes } = compiled;
  let { lock } = compiled.options;
  if (options.isSingle === true) onlyAttribute(compiled);
  const traced = new Map<string, TracedImage>();
  using cache = await openCache(file, compiled, options, reporter);
  const nixOptions = [...cache.options, ...(options.nix ?? [])];
  const build = async (wanted: string[], links: string[] = ["--no-link"]) =>
    await nixBuild({
      expression: tracedExpression(compiled, lock),
      attributes: wanted.filter((each) => each !== ""),
      options: [...links, ...nixOptions],
      signal,
      onEvent: (event) => {
        cache.on(event);
        reporter.event(event);
        if (event.kind === "image") {
          traced.set(event.image.attribute, event.image);
          reporter.layers(sourcesOf(event.image, cache.root));
        }
      },
    });
  const isWhole = wantedImages(options) === undefined;
  /** The classes that the images share; undefined if the build does not cover all images. */
  const sharing = async () => {
    const { shareImages } = await import("./sharing.ts");
    const plans = attributes.flatMap((each, i): [string, string][] => {
      const plan = traced.get(each)?.plan;
      return plan === undefined ? [] : [[spec.images[i]?.name as string, cache.root + plan]];
    });
    return isWhole && plans.length === attributes.length ? shareImages(new Map(plans), spec, lock.layers) : undefined;
  };
  const parts = (name: string) => attributes.map((each) => (each === "" ? name : `${each}.${name}`));
  /** The outputs in the order of the images in the file. Nix has an order of its own. */
  const inOrder = ({ byDerivation }: BuildResult, of: "derivation" | "image") =>
    attributes.map((each) => byDerivation.get(traced.get(each)?.[of] ?? "") as string);
  const links = new ResultLinks(options.outLink, cache.root);
  links.requireFree(attributes.length);
  try {
    const note = (line: string) => reporter.line(line);
    const onEvent = (event: NixEvent) => {
      cache.on(event);
      reporter.event(event);
    };
    lock = await planTogether(compiled, { settings: nixOptions, root: cache.root, signal, note, onEvent });
    const earlier = links.earlier(attributes.length).map((path) => cache.root + path);
    const context = { spec, lock, options: nixOptions, note, signal };
    // The outputs of the last build are read while Nix evaluates.
    const [first, results] = await Promise.all([
      withBases(() => build(attributes, links.options), context),
      readOutputs(earlier),
    ]);
    const outputs = inOrder(first, "derivation");
    links.finish(outputs);
    // If the spec asks for another form of output, also build the image directory, which describes the image.
    const isRaw = outputs.every((path) => results.isImage(cache.root + path));
    const second = isRaw ? undefined : await build(parts("image"));
    const described = second === undefined ? outputs : inOrder(second, "image");
    if (cache.copies) {
      const beside = await build(parts("reusable"));
      await cache.finish([...new Set([...outputs, ...described, ...beside.outputs])]);
    }
    const images = described.flatMap((path, i) =>
      results.images(cache.root + path).map((part) => ({
        output: cache.root + (outputs[i] as string),
        ...part,
        inputs: traced.get(attributes[i] as string)?.inputs ?? {},
      })),
    );
    const built = [...first.built, ...(second?.built ?? [])];
    return { images, built, root: cache.root, lock, sharing: await sharing() };
  } catch (error) {
    throw await explainBuild(error, { compiled, options: nixOptions, signal, reporter });
  }
}

/** Reads outputs of an earlier build. The schemas of images load here, so that Nix starts without waiting for them. */
async function readOutputs(earlier: string[]): Promise<BuiltOutputs> {
  const outputs = await import("./built-outputs.ts");
  return new outputs.BuiltOutputs(earlier);
}

/** `root`: the prefix of store paths on this machine. */
function sourcesOf({ sources }: TracedImage, root: string): LayerSource[] {
  return sources.map(({ derivation, output }) => ({ derivation, output: root + output }));
}

/** Opens the caches that the spec's `cache` settings name. */
export async function openCache(
  file: string,
  { spec }: Compiled,
  options: SpecOptions,
  { line }: Reporter,
): Promise<CacheSession> {
  const policy = cachePolicy(spec, dirname(resolve(file)), wantedImages(options));
  const problem = await trustProblem(policy);
  if (problem !== undefined) line(problem);
  return new CacheSession(policy, line);
}
