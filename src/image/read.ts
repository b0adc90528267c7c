/** Opens an image directory: every file read and checked against its schema, once. */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Layer } from "../layer/recipe.ts";
import { ImageFile } from "./image-file.ts";
import { ImageConfig, Manifest } from "./oci.ts";

/** The image cannot be read at all; the message is for the user. */
export class ImageError extends Error {}

export interface ImageDirectory {
  path: string;
  file: ImageFile;
  manifest: Manifest;
  /** The documents as they are sent: their digests are taken of these bytes. */
  manifestBytes: Buffer;
  config: ImageConfig;
  configBytes: Buffer;
  layers: Layer[];
  /** What stands before `/nix/store` on this machine: "" unless the image lies in a chroot store. */
  root: string;
}

export function readImageDirectory(path: string): ImageDirectory {
  const read = (name: string) => readBytes(join(path, name));
  const file = parseJson(ImageFile, read("image.json"), join(path, "image.json"));
  const manifestBytes = read("manifest.json");
  const configBytes = read("config.json");
  const layers = readdirSync(join(path, "layers"))
    .toSorted()
    .map((name) => parseJson(Layer, read(join("layers", name)), join(path, "layers", name)));
  return {
    path,
    file,
    manifest: parseJson(Manifest, manifestBytes, join(path, "manifest.json")),
    manifestBytes,
    config: parseJson(ImageConfig, configBytes, join(path, "config.json")),
    configBytes,
    layers,
    root: storeRoot(path, file.storeDir),
  };
}

/** The names of an image directory's documents. */
export function documents(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .toSorted();
}

export function isImageDirectory(path: string): boolean {
  return existsSync(join(path, "image.json")) && existsSync(join(path, "layers"));
}

export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ImageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function parseJson<S extends z.ZodMiniType>(schema: S, bytes: Buffer, where: string): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw new ImageError(`${where} is not JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ImageError(`${where}: ${issue?.path.join(".") || "the document"}: ${issue?.message}`);
}

/** What stands before the store's folder in the real place of `path`. */
export function storeRoot(path: string, storeDir: string): string {
  const real = realpathSync(path);
  const at = real.indexOf(`${storeDir}/`);
  return at < 0 ? "" : real.slice(0, at);
}
