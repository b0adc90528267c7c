/** Reads artifacts: manifests whose blobs are small documents, such as signatures. */
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../oci/digest.ts";
import { MAX_DOCUMENT, Manifest, type Descriptor } from "../oci/documents.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { ownFolder } from "../util/temporary.ts";
import { ifThere, type ReadOptions } from "./manifest.ts";
import { growth } from "./skopeo.ts";

/** Limit of a blob in bytes. The provenance of an image with ten thousand derivations has less than half of that. */
const MAX_BLOB = 64 << 20;

export interface Artifact {
  manifest: Manifest;
  /** The bytes of each layer, in the order of the manifest. */
  layers: { described: Descriptor; bytes: Buffer }[];
}

/** The artifact of a reference; undefined if the registry has none. skopeo checks the digests of all blobs. */
export async function artifactAt(reference: string, options: ReadOptions): Promise<Artifact | undefined> {
  const folder = ownFolder("imgc-artifact-");
  const path = join(folder, "artifact");
  try {
    const flags = ["--quiet", "--preserve-digests", ...(options.insecure ? ["--src-tls-verify=false"] : [])];
    const args = ["--insecure-policy", "copy", ...flags, `docker://${reference}`, `dir:${path}`];
    if ((await ifThere(reference, options, args, growth(folder))) === undefined) return undefined;
    const manifest = parseJson(
      Manifest,
      read(path, "manifest.json", MAX_DOCUMENT, reference),
      `${reference}, manifest`,
    );
    const layers = manifest.layers.map((described) => ({
      described,
      bytes: read(path, toHex(described.digest), MAX_BLOB, reference),
    }));
    return { manifest, layers };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(folder: string, name: string, limit: number, reference: string): Buffer {
  const path = join(folder, name);
  if (!existsSync(path)) throw new ImageError(`${reference} lacks the blob ${name}`);
  const { size } = statSync(path);
  if (size > limit) throw new ImageError(`${reference}: ${name} has ${size} bytes; at most ${limit} are read`);
  return readFileSync(path);
}
