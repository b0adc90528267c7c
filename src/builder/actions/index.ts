/** The derivation of an image for several platforms or in two forms: an index of images from other derivations. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { checksumLines, SHA256SUMS } from "../../image/checksums.ts";
import { encodeIndex, indexPart, type IndexPart } from "../../image/index-entries.ts";
import { readImageDirectory } from "../../image/image-directory.ts";
import { attributes } from "../attributes.ts";
import { phase } from "../derivation.ts";

const Attributes = z.object({ images: z.array(z.string()) });

export function index(): void {
  const { images, out } = attributes(Attributes);
  phase("writing the index");
  mkdirSync(join(out, "images"), { recursive: true });
  const parts = new Map(images.map((path) => [path, indexPart(readImageDirectory(path))]));
  // If all layers come from a base with a single form, both forms of the image are equal. List them once.
  const distinct = [...new Map([...parts].map(([path, part]) => [part.digest, path])).values()];
  const bytes = encodeIndex(distinct.map((path) => parts.get(path) as IndexPart));
  writeFileSync(join(out, "index.json"), bytes);
  for (const [i, path] of distinct.entries()) {
    // Relative, so that the link also works in a store at another path.
    symlinkSync(`../../${basename(path)}`, join(out, "images", String(i).padStart(3, "0")));
  }
  writeFileSync(join(out, SHA256SUMS), checksumLines([["index.json", bytes]]));
}
