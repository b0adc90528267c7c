/** Why a layer cannot be made as it was when the image was built: which of its store paths changed or went away. */
import { lstatSync } from "node:fs";
import { isExact } from "../layer/bytes.ts";
import { compressorName } from "../layer/compress.ts";
import type { LayerContent } from "../layer/recipe.ts";
import { narHash, parseHash } from "../layer/nar.ts";
import { sources } from "../layer/sources.ts";
import type { LayerBlob } from "./layer-blob.ts";

/** The first source that is not there, if any. */
export function missingSource(content: LayerContent, root: string): string | undefined {
  return sources(content).find((path) => lstatSync(root + path, { throwIfNoEntry: false }) === undefined);
}

export function describeMissing(title: string, path: string): string {
  return `${title} needs ${path}, which is not in the store any more; build the image again to bring it back`;
}

/** `seen` is what was noticed; looking closer costs reading the layer once more, and is worth it here. */
export function findDamage({ title, layer, root, narHashes, plain }: LayerBlob, seen: string): string {
  const missing = missingSource(layer.content, root);
  if (missing !== undefined) return describeMissing(title, missing);
  const { blob, paths } = layer.content;
  if (blob !== undefined) {
    return `${title} is not what was built: ${blob.file} was changed since; \`nix store repair\` restores it`;
  }
  for (const path of paths) {
    const claimed = parseHash(narHashes[path] ?? "");
    if (claimed === undefined || hashOf(root + path)?.equals(claimed)) continue;
    return `${title} is not what was built: ${path} was changed since; \`nix store repair ${path}\` restores it`;
  }
  if (!plain && !isExact(layer)) {
    const compressor = compressorName(layer.compression);
    return `${title} was compressed by ${layer.compressor}, and this Node.js has ${compressor}, which gives other bytes`;
  }
  const copied = sources({ ...layer.content, paths: [] });
  const suspects = copied.length === 0 ? "" : `; it copies ${copied.join(", ")}`;
  return `${title} is not what was built (${seen})${suspects}`;
}

function hashOf(path: string): Buffer | undefined {
  try {
    return narHash(path);
  } catch {
    return undefined;
  }
}
