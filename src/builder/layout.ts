/** The `oci` output: an OCI image layout whose blobs are links to derivations of their own. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { layoutDocuments } from "../image/export.ts";
import { sha256 } from "../image/oci.ts";
import { readImageDirectory } from "../image/read.ts";
import { attributes, phase } from "./attributes.ts";

const Attributes = z.object({
  image: z.string(),
  /** Folders of layers, each file named after its digest. */
  blobs: z.array(z.string()),
});

export function layout(): void {
  const { image, blobs, out } = attributes(Attributes);
  phase("writing the layout");
  const { file, manifest, manifestBytes, configBytes } = readImageDirectory(image);
  const folder = join(out, "blobs/sha256");
  mkdirSync(folder, { recursive: true });
  for (const bytes of [manifestBytes, configBytes]) {
    writeFileSync(join(folder, sha256(bytes).slice("sha256:".length)), bytes);
  }
  const digests = new Map(blobs.flatMap((each) => readdirSync(each).map((digest) => [digest, basename(each)])));
  for (const [digest, from] of digests) symlinkSync(`../../../${from}/${digest}`, join(folder, digest));
  for (const [name, bytes] of layoutDocuments(file, manifest.mediaType ?? "", manifestBytes)) {
    writeFileSync(join(out, name), bytes);
  }
}
