/** Reads archives of `docker save` and of skopeo's docker-archive, in which manifest.json names a config and layers by file. */
import * as z from "zod/mini";
import { sniff, type Algorithm } from "../layer/decompress.ts";
import type { Files } from "./files.ts";
import { ImageConfig } from "../oci/documents.ts";
import { parseJson } from "../oci/json.ts";
import { sha256 } from "../oci/digest.ts";

export const MANIFEST = "manifest.json";
/** An entry of manifest.json. Some tools write no tags. */
export const Entry = z.looseObject({ Config: z.string(), Layers: z.array(z.string()) });
const Images = z.array(z.extend(Entry, { RepoTags: z.nullable(z.array(z.string())) }));

export interface DockerImage {
  /** The name of the config's file, the config's digest and its bytes. */
  name: string;
  digest: string;
  bytes: Buffer;
  config: ImageConfig;
  /** Deepest first. */
  layers: { name: string; algorithm: Algorithm }[];
}

export function isDockerArchive(files: Files): boolean {
  return files.has(MANIFEST);
}

export function dockerImages(files: Files): (DockerImage & { tags: string[] | null })[] {
  return parseJson(Images, files.read(MANIFEST), files.where(MANIFEST)).map((entry) => ({
    ...dockerImage(files, entry),
    tags: entry.RepoTags,
  }));
}

export function dockerImage(files: Files, { Config: name, Layers }: z.infer<typeof Entry>): DockerImage {
  const bytes = files.read(name);
  const config = parseJson(ImageConfig, bytes, files.where(name));
  // Layers are usually uncompressed, and have no media types.
  const layers = Layers.map((layer) => ({ name: layer, algorithm: sniff(files.start(layer, 4)) }));
  return { name, digest: sha256(bytes), bytes, config, layers };
}
