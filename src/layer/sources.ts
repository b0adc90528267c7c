/** The files of this machine that a recipe reads. */
import type { LayerContent } from "./recipe.ts";

const STORE_NAME = "[0-9a-df-np-sv-z]{32}-[^/\0]+";

/** Every store path, or file in one, that the layer's bytes come from. */
export function sources({ paths, entries, blob }: LayerContent): string[] {
  if (blob !== undefined) return [blob.file];
  const copied = entries.flatMap((entry) => (entry.kind === "copy" ? [entry.source] : []));
  return [...new Set([...paths, ...copied])];
}

/** A source that by its name is not in the store, of a recipe that anybody may have written. */
export function strangeSource(content: LayerContent, storeDir: string): string | undefined {
  const isStore = /^(\/[^/\0]+)+$/.test(storeDir) && !isDotted(storeDir);
  const inStore = new RegExp(`^/${STORE_NAME}(/[^\0]*)?$`);
  return sources(content).find(
    (path) => !isStore || !path.startsWith(storeDir) || !inStore.test(path.slice(storeDir.length)) || isDotted(path),
  );
}

function isDotted(path: string): boolean {
  return path.split("/").some((part) => part === "." || part === "..");
}
