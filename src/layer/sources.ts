/** The files on this machine from which a layer's bytes are made. */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Layer, LayerContent } from "./recipe.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { STORE_NAME } from "../store/store-path.ts";

/** A store path or a file in it, without the store's folder. */
const BELOW_STORE = new RegExp(`^/${STORE_NAME}(/[^\0]*)?$`);

/** All store paths and files in store paths from which the layer's bytes are made. */
export function sources({ paths, entries, blob }: LayerContent): string[] {
  if (blob !== undefined) return [blob.file];
  const copied = entries.flatMap((entry) =>
    entry.kind === "copy" ? [entry.source, ...(entry.modes === undefined ? [] : [entry.modes])] : [],
  );
  return [...new Set([...paths, ...copied])];
}

/** The layer as a file with its blob; undefined if the build kept no bytes. */
export function keptLayer(layer: Layer): Layer | undefined {
  const { blobFile: file, size, content } = layer;
  if (file === undefined) return undefined;
  return { ...layer, content: { ...content, entries: [], permissions: [], blob: { file, offset: 0, size } } };
}

/** The first source in an untrusted recipe whose path is outside the store. */
export function strangeSource(content: LayerContent, storeDir: string): string | undefined {
  const isStore = /^(\/[^/\0]+)+$/.test(storeDir) && !isDotted(storeDir);
  return sources(content).find(
    (path) =>
      !isStore || !path.startsWith(storeDir) || !BELOW_STORE.test(path.slice(storeDir.length)) || isDotted(path),
  );
}

function isDotted(path: string): boolean {
  return path.split("/").some((part) => part === "." || part === "..");
}

/** A link in a source leads out of the store. The message is for users. */
export class OutsideStore extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}

/**
 * Throws `OutsideStore` if a link in a source leads out of the store. Called when the bytes are read, since sources may be
 * fetched late. A store path may itself be a link, which the layer contains as a link. The sources must exist.
 */
export function requireInStore({ paths, entries, blob }: LayerContent, root: string): void {
  const followed = sources({ paths: [], entries, permissions: [], ...(blob === undefined ? {} : { blob }) });
  for (const path of paths) requireInside(path, join(realpathSync(root + dirname(path)), basename(path)));
  for (const path of followed) requireInside(path, realpathSync(root + path));

  function requireInside(path: string, real: string): void {
    const [, store = ""] = new RegExp(`^(.*?)/${STORE_NAME}(?:/|$)`).exec(path) ?? [];
    if (store !== "" && real.startsWith(`${realpathSync(root + store)}/`)) return;
    throw new OutsideStore(`${path} leads out of the store, so imgc does not read it`);
  }
}
