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

/** A store path as a package; unknown facts are empty or null. */
export interface Package extends Metadata {
  /** The package URL of type `nix`. The member `purl` of the metadata is the package URL of the upstream package. */
  nixPurl: string;
  /** SHA-256 of the path's NAR, in hexadecimal. */
  narHash: string;
  /** The store paths that this path refers to, except itself. */
  references: string[];
  /** The diff ID of its layer. */
  layer: string;
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

export function materials(image: ImageDirectory): Materials {
  const { file, layers, config } = image;
  const layerOf = new Map(layers.flatMap(({ content, diffId }) => content.paths.map((path) => [path, diffId])));
  const known = new Map(file.metadata.map((entry) => [entry.path, entry]));
  const packages = file.closure.map(({ path, narHash, references }): Package => {
    const described = known.get(path) ?? fromPath(path);
    return {
      ...described,
      homepage: address(described.homepage),
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
    files: filesOf(image),
    roots: packages.map(({ path }) => path).filter((path) => !needed.has(path)),
  };
}

/** The files outside the store. If several layers have a path, the uppermost layer counts. */
function filesOf({ layers, root }: ImageDirectory): File[] {
  const files = new Map<string, File>();
  for (const { content, diffId } of layers) {
    for (const entry of layerEntries({ ...content, paths: [] }, root)) {
      const path = `/${entry.name.toString()}`;
      files.delete(path);
      if (entry.kind === "file") files.set(path, { path, sha256: hashOf(entry), layer: diffId });
    }
  }
  return [...files.values()];
}

/** A homepage as a URL; null if it is not a URL. */
function address(homepage: string | null): string | null {
  return homepage !== null && URL.canParse(homepage) ? new URL(homepage).href : null;
}

/** The metadata of a package that has none: name and version from its store path. */
function fromPath(path: string): Metadata {
  return { path, ...parseDrvName(path), output: "out", licenses: [], description: null, homepage: null };
}

function purl({ name, version, output }: Metadata): string {
  const at = version === "" ? "" : `@${percentEncode(version)}`;
  return `pkg:nix/${percentEncode(name)}${at}?output=${percentEncode(output)}`;
}

function hashOf({ contents, source, size }: Entry): string {
  const hash = createHash("sha256");
  if (contents !== undefined) hash.update(contents);
  if (source === undefined) return hash.digest("hex");
  const fd = openFound(source);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size, 1 << 20));
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) hash.update(buffer.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}
