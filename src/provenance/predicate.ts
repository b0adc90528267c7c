/** SLSA provenance 1.0 of an image: how it was built, and from which derivations and sources. */
import { readFileSync } from "node:fs";
import { parseHash } from "../layer/nar.ts";
import { sha256, toHex } from "../oci/digest.ts";
import type { WholeDerivation } from "../store/derivation.ts";
import { nameOf } from "../store/store-path.ts";
import { sourcesOf, type Graph } from "./graph.ts";

export const PROVENANCE_TYPE = "https://slsa.dev/provenance/v1";
/** The media type of Nix archives: digests of dependencies with this type are those of the archive of a store path. */
const NAR_TYPE = "application/x-nix-nar";

/** in-toto attestation 1.0, resource_descriptor.md; `digest`: hexadecimal, by algorithm. */
export interface Resource {
  name: string;
  uri?: string;
  digest?: Record<string, string>;
  downloadLocation?: string;
  mediaType?: string;
  annotations: { role: string } & Record<string, unknown>;
}

/** The description of an image, and what the lock pins for it. */
export interface SpecFacts {
  /** The description itself, then the files that it imports; `name` is relative to the description's folder. */
  files: { name: string; text: string }[];
  lock: string | undefined;
  parameters: string[];
  packageSet: { reference: string; uri: string; narHash: string } | undefined;
  bases: { reference: string; digest: string }[];
}

export interface BuildFacts {
  /** The image's name, without a tag. */
  image: string;
  platforms: string[];
  /** The store path of the derivation that made the image. */
  derivation: string;
  graph: Graph;
  /** The NAR hashes of the graph's sources, as Nix prints them. */
  sourceHashes: ReadonlyMap<string, string>;
  /** Store paths in layers of a base that no derivation of the graph made, with their NAR hashes if they are known. */
  basePaths: ReadonlyMap<string, string | undefined>;
  spec: SpecFacts | undefined;
  /** How it is known that a second build gives the same image; undefined if that was not checked. */
  reproducible: string | undefined;
  /** The folder of the chroot store, or "". */
  root: string;
  /** The project's address, the namespace of the types. */
  homepage: string;
  versions: Record<string, string>;
}

export function predicate(facts: BuildFacts): object {
  const { image, platforms, derivation, spec, reproducible, homepage, versions } = facts;
  const [main] = spec?.files ?? [];
  return {
    buildDefinition: {
      buildType: `${homepage}/provenance/v1`,
      externalParameters: {
        image,
        platforms,
        derivation,
        ...(spec === undefined ? {} : { description: main?.name, parameters: spec.parameters }),
      },
      internalParameters: {
        reproducible:
          reproducible === undefined ? { checked: false } : { checked: true, result: "equal", method: reproducible },
      },
      resolvedDependencies: dependencies(facts),
    },
    runDetails: { builder: { id: `${homepage}/builder`, version: versions } },
  };
}

function dependencies({ graph, sourceHashes, basePaths, spec, root }: BuildFacts): Resource[] {
  return [
    ...(spec === undefined ? [] : specResources(spec)),
    ...[...graph].flatMap(([path, each]) => [derivationResource(path, each, root), ...fetchedResources(each)]),
    ...sourcesOf(graph).map((path) => pathResource("source", path, sourceHashes.get(path))),
    ...[...basePaths].map(([path, hash]) => pathResource("base", path, hash)),
  ];
}

function specResources({ files, lock, packageSet, bases }: SpecFacts): Resource[] {
  const file = (role: string, name: string, text: string): Resource => ({
    name,
    digest: { sha256: toHex(sha256(text)) },
    annotations: { role },
  });
  return [
    ...files.map(({ name, text }, i) => file(i === 0 ? "description" : "import", name, text)),
    ...(lock === undefined ? [] : [file("lock", "imgc.lock", lock)]),
    ...(packageSet === undefined
      ? []
      : [
          {
            name: packageSet.reference,
            uri: packageSet.uri,
            digest: narDigest(packageSet.narHash),
            mediaType: NAR_TYPE,
            annotations: { role: "package set" },
          },
        ]),
    ...bases.map(({ reference, digest }) => ({
      name: reference,
      uri: `docker://${reference}`,
      digest: { sha256: toHex(digest) },
      annotations: { role: "base" },
    })),
  ];
}

function derivationResource(path: string, { results, inputs, sources }: WholeDerivation, root: string): Resource {
  const outputs = results.filter((each) => each.path !== "").map((each) => [each.name, each.path] as const);
  return {
    name: nameOf(path),
    uri: uriOf(path),
    digest: { sha256: toHex(sha256(readFileSync(root + path))) },
    annotations: { role: "derivation", path, outputs: Object.fromEntries(outputs), inputs, sources },
  };
}

/** The files that a derivation fetches: its output has a fixed hash. */
function fetchedResources({ results, environment }: WholeDerivation): Resource[] {
  return results
    .filter(({ hash }) => hash !== "")
    .map(({ path, algorithm, hash }) => {
      const isNar = algorithm.startsWith("r:");
      const url = urlOf(environment);
      return {
        name: nameOf(path),
        uri: url ?? uriOf(path),
        digest: { [algorithm.replace(/^r:/, "")]: hash },
        ...(isNar ? { mediaType: NAR_TYPE } : {}),
        annotations: { role: "fetched", path },
      };
    });
}

/** The first address that fetchers of nixpkgs have in their environment; imgc's are in the JSON of structured attributes. */
function urlOf({ url, urls, __json }: Record<string, string>): string | undefined {
  const structured = __json === undefined ? {} : (JSON.parse(__json) as Record<string, unknown>);
  const written = [url, urls?.split(" ")[0], structured["url"]];
  return written.find((each): each is string => typeof each === "string" && URL.canParse(each));
}

function pathResource(role: string, path: string, hash: string | undefined): Resource {
  return {
    name: nameOf(path),
    uri: uriOf(path),
    ...(hash === undefined ? {} : { digest: narDigest(hash), mediaType: NAR_TYPE }),
    annotations: { role, path },
  };
}

function narDigest(hash: string): Record<string, string> {
  const bytes = parseHash(hash);
  if (bytes === undefined) throw new Error(`${hash} is not a hash of Nix`);
  return { sha256: bytes.toString("hex") };
}

function uriOf(path: string): string {
  return `file://${encodeURI(path)}`;
}
