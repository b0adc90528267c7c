/**
 * A directory of an image for several platforms, in two forms, or both:
 *
 *     index.json     the index, byte for byte as a registry gets it (image-spec, image-index.md)
 *     images/NNN     image directories (image-file.ts), in the order of the index; relative links to other store paths
 *     SHA256SUMS     the checksum of the index
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Descriptor, MAX_DOCUMENT, Platform } from "../oci/documents.ts";
import { parseJson } from "../oci/json.ts";
import { INDEX_TYPE } from "../oci/media-types.ts";
import { readBytes, readImageDirectory, type ImageDirectory } from "./image-directory.ts";
import { ImageFolder } from "./image-folder.ts";
import type { IndexPart } from "./index-entries.ts";

export interface IndexDirectory {
  path: string;
  bytes: Buffer;
  parts: IndexPart[];
  images: ImageDirectory[];
}

const Index = z.strictObject({
  schemaVersion: z.literal(2),
  mediaType: z.literal(INDEX_TYPE),
  manifests: z.array(
    z.extend(Descriptor, { platform: Platform, annotations: z.optional(z.record(z.string(), z.string())) }),
  ),
});

export function isIndexDirectory(path: string): boolean {
  return existsSync(join(path, "index.json")) && existsSync(join(path, "images"));
}

/** The image directories of an image for several platforms or in two forms; for any other path, the path itself. */
export function partsOf(path: string): string[] {
  if (!isIndexDirectory(path)) return [path];
  const folder = new ImageFolder(path);
  return folder.list("images").map((name) => {
    // Checks the link's target; the link itself is kept, since its target changes with the next build.
    folder.place(join("images", name));
    return join(path, "images", name);
  });
}

export function readIndexDirectory(path: string): IndexDirectory {
  const bytes = readBytes(new ImageFolder(path).file("index.json"), MAX_DOCUMENT);
  const { manifests } = parseJson(Index, bytes, join(path, "index.json"));
  return { path, bytes, parts: manifests, images: partsOf(path).map(readImageDirectory) };
}
