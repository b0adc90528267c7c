/** What `docker save` and skopeo's docker-archive write: manifest.json names a config and layers by file. */
import * as z from "zod/mini";
import type { Files } from "./files.ts";
import { ImageConfig, sha256 } from "./oci.ts";
import { parseJson } from "./read.ts";

export const MANIFEST = "manifest.json";
const Images = z.array(
  z.looseObject({ Config: z.string(), RepoTags: z.nullable(z.array(z.string())), Layers: z.array(z.string()) }),
);

export interface DockerImage {
  tags: string[] | null;
  /** The config's file, its digest and its bytes. */
  name: string;
  digest: string;
  bytes: Buffer;
  config: ImageConfig;
  /** Deepest first. */
  layers: { name: string; algorithm: "none" | "gzip" | "zstd" }[];
}

export function isDockerArchive(files: Files): boolean {
  return files.has(MANIFEST);
}

export function dockerImages(files: Files): DockerImage[] {
  return parseJson(Images, files.read(MANIFEST), files.where(MANIFEST)).map(({ Config: name, RepoTags, Layers }) => {
    const bytes = files.read(name);
    const config = parseJson(ImageConfig, bytes, files.where(name));
    const layers = Layers.map((layer) => ({ name: layer, algorithm: algorithmOf(files, layer) }));
    return { tags: RepoTags, name, digest: sha256(bytes), bytes, config, layers };
  });
}

/** Layers are plain as a rule, and say nothing of themselves. */
function algorithmOf(files: Files, name: string): DockerImage["layers"][number]["algorithm"] {
  const magic = files.start(name, 4).toString("hex");
  if (magic.startsWith("1f8b")) return "gzip";
  return magic === "28b52ffd" ? "zstd" : "none";
}
