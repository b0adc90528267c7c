/** Lists the contents of an image: its store paths as packages, its other files, and the layer of each. */
import { createHash } from "node:crypto";
import { closeSync, readSync } from "node:fs";
import { openFound } from "../util/regular-file.ts";
import type { Metadata } from "../image/image-file.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { parseHash } from "../layer/nar.ts";
import { layerEntries, type Entry } from "../layer/tree.ts";
import { sha256 } from "../oci/digest.ts";
import { parseDrvName } from "../store/store-path.ts";
import { percentEncode } from "../util/percent-encode.ts";
import { interruptible } from "../util/interruptible.ts";
import { sizeText } from "../util/quantities.ts";

/** A store path as a package; unknown facts are empty or null. */
export interface Package extends Metadata {
  /** A URL of each source; empty if unknown. */
  sources: string[];
  patches: Patch[];
  /** The package URL of type `nix`. The member `purl` of the metadata is the package URL of the upstream package. */
  nixPurl: string;
  /** SHA-256 of the path's NAR, in hexadecimal. */
  narHash: string;
  /** The store paths that this path refers to, except itself. */
  references: string[];
  /** The diff ID of its layer. */
  layer: string;
}

/** A patch that the package's derivation applies. */
export interface Patch {
  /** The name of the file. */
  name: string;
  url?: string | undefined;
  /** The CVEs in the name: the patch says that it fixes them. */
  fixes: string[];
}

/** A file outside the store. */
export interface File {
  path: string;
  /** In hexadecimal. */
  sha256: string;
  layer: string;
}

export interface Materials {
  name: string;
  tag: string;
  /** The manifest's digest. */
  digest: string;
  architecture: string;
  /** The image's creation time, in RFC 3339. */
  created: string;
  /** Diff IDs, lowest layer first. */
  layers: string[];
  packages: Package[];
  files: File[];
  /**
   * Packages that no other package refers to. A package that the image names is not listed here if another package
   * refers to it.
   */
  roots: string[];
}

/** `onStep`: receives the progress of hashing the files, in words. */
export async function materials(image: ImageDirectory, onStep: (text: string) => void = () => {}): Promise<Materials> {
  const { file, layers, config } = image;
  const layerOf = new Map(layers.flatMap(({ content, diffId }) => content.paths.map((path) => [path, diffId])));
  const known = new Map(file.metadata.map((entry) => [entry.path, entry]));
  const packages = file.closure.map(({ path, narHash, references }): Package => {
    const described = known.get(path) ?? fromPath(path);
    return {
      ...described,
      homepage: address(described.homepage),
      sources: (described.sources ?? []).flatMap((url) => address(url) ?? []),
      patches: (described.patches ?? []).map(({ name, url }) => ({
        name,
        ...(url === undefined ? {} : { url: address(url) ?? undefined }),
        fixes: cvesIn(name),
      })),
      nixPurl: purl(described),
      narHash: parseHash(narHash)?.toString("hex") ?? "",
      references: references.filter((reference) => reference !== path),
      layer: layerOf.get(path) ?? "",
    };
  });
  const needed = new Set(packages.flatMap(({ references }) => references));
  return {
    name: file.name,
    tag: file.tag,
    digest: sha256(image.manifestBytes),
    architecture: config.architecture,
    created: typeof config["created"] === "string" ? config["created"] : "1970-01-01T00:00:00Z",
    layers: [...new Set(layers.map(({ diffId }) => diffId))],
    packages,
    files: await filesOf(image, onStep),
    roots: packages.map(({ path }) => path).filter((path) => !needed.has(path)),
  };
}

/** The files outside the store. If several layers have a path, the uppermost layer counts. */
async function filesOf({ layers, root }: ImageDirectory, onStep: (text: string) => void): Promise<File[]> {
  const files = new Map<string, File>();
  let hashed = 0;
  const onBytes = (bytes: number): void => {
    hashed += bytes;
    onStep(`hashing files, ${sizeText(hashed)}`);
  };
  for (const { content, diffId } of layers) {
    for (const entry of layerEntries({ ...content, paths: [] }, root)) {
      const path = `/${entry.name.toString()}`;
      files.delete(path);
      if (entry.kind === "file") files.set(path, { path, sha256: await hashOf(entry, onBytes), layer: diffId });
    }
  }
  return [...files.values()];
}

/** Text of a package set as a URL; null if it is not a URL. */
function address(text: string | null): string | null {
  return text !== null && URL.canParse(text) ? new URL(text).href : null;
}

/** The CVE identifiers in a file's name, such as `CVE-2023-1234_CVE-2023-1235.patch` or `cve-2023-1234.diff`. */
function cvesIn(name: string): string[] {
  const found = Array.from(name.matchAll(/cve[-_](\d{4})[-_](\d{4,})/gi), ([, year, id]) => `CVE-${year}-${id}`);
  return [...new Set(found)];
}

/** The number of store paths of which a fact is known. */
export interface Coverage {
  paths: number;
  version: number;
  license: number;
  source: number;
  cpe: number;
}

export function coverageOf({ packages }: Materials): Coverage {
  const count = (has: (of: Package) => boolean) => packages.filter(has).length;
  return {
    paths: packages.length,
    version: count(({ version }) => version !== ""),
    license: count(({ licenses }) => licenses.length > 0),
    source: count(({ sources }) => sources.length > 0),
    cpe: count((of) => cpesOf(of).length > 0),
  };
}

/** The package's CPE name; possible names if the package set is not certain. */
export function cpesOf({ cpe, possibleCpes = [] }: Metadata): string[] {
  return cpe === undefined ? possibleCpes : [cpe];
}

/** The metadata of a package that has none: name and version from its store path. */
function fromPath(path: string): Metadata {
  return { path, ...parseDrvName(path), output: "out", licenses: [], description: null, homepage: null };
}

function purl({ name, version, output }: Metadata): string {
  const at = version === "" ? "" : `@${percentEncode(version)}`;
  return `pkg:nix/${percentEncode(name)}${at}?output=${percentEncode(output)}`;
}

async function hashOf(entry: Entry, onBytes: (bytes: number) => void): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of interruptible(piecesOf(entry))) {
    hash.update(piece);
    onBytes(piece.length);
  }
  return hash.digest("hex");
}

/** The bytes of a file. A piece is valid until the next one is requested. */
function* piecesOf({ contents, source, size }: Entry): Generator<Buffer> {
  if (contents !== undefined) yield contents;
  if (source === undefined) return;
  const fd = openFound(source);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size, 1 << 20));
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) yield buffer.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}
