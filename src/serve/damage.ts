/** Finds out why a layer cannot be made as it was built: which of its store paths is missing or has changed. */
import { lstatSync } from "node:fs";
import { isExact } from "../layer/bytes.ts";
import { compressorName } from "../layer/compress.ts";
import type { LayerContent } from "../layer/recipe.ts";
import { narHash, parseHash } from "../layer/nar.ts";
import { sources } from "../layer/sources.ts";
import type { LayerBlob } from "./layer-blob.ts";

/** The first missing source, if any. */
export function missingSource(content: LayerContent, root: string): string | undefined {
  return sources(content).find((path) => lstatSync(root + path, { throwIfNoEntry: false }) === undefined);
}

export function describeMissing(title: string, path: string): string {
  return `${title} needs ${path}, which is not in the store; build the image again`;
}

/**
 * Describes the damage. `seen`: the observed problem, which is described if no source is found to be missing or
 * changed.
 */
export function findDamage({ title, layer, root, narHashes, plain }: LayerBlob, seen: string): string {
  const missing = missingSource(layer.content, root);
  if (missing !== undefined) return describeMissing(title, missing);
  const { blob, paths } = layer.content;
  if (blob !== undefined) {
    return `${title} is damaged: ${blob.file} was changed after the build; run \`nix store repair\``;
  }
  for (const path of paths) {
    const expected = parseHash(narHashes[path] ?? "");
    if (expected === undefined || hashOf(root + path)?.equals(expected)) continue;
    return `${title} is damaged: ${path} was changed after the build; run \`nix store repair ${path}\``;
  }
  if (!plain && !isExact(layer)) {
    const compressor = compressorName(layer.compression);
    return `${title} was compressed by ${layer.compressor}; ${compressor} of this Node.js makes other bytes`;
  }
  const copied = sources({ ...layer.content, paths: [] });
  const suspects = copied.length === 0 ? "" : `; its copied files are in ${copied.join(", ")}`;
  return `${title} is damaged: ${seen}${suspects}`;
}

function hashOf(path: string): Buffer | undefined {
  try {
    return narHash(path);
  } catch {
    return undefined;
  }
}
