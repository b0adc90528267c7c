/** Reads the `cache` settings of a spec, with absolute paths, seconds and bytes. */
import { resolve } from "node:path";
import type { Amount, Spec } from "../language/schema/spec.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

export interface CachePolicy {
  /** The folder of a chroot store that builds run in. */
  store: string | null;
  binaryCache: BinaryCache | null;
  /** A Nix store URL. */
  push: string | null;
}

export interface BinaryCache {
  folder: string;
  compression: string;
  /** Seconds for which a result is kept after its last use; null: without limit. */
  keep: number | null;
  /** The limit of the cache's size in bytes; null: no limit. */
  maxSize: number | null;
}

const NANOSECONDS = 1e9;

/**
 * The policy of all wanted images; throws if their policies differ. `folder`: the spec's folder, for relative paths.
 */
export function cachePolicy(spec: Spec, folder: string, wanted?: string[]): CachePolicy {
  const [first, ...others] = cachePolicies(spec, folder, wanted);
  if (others.length > 0) {
    throw new ImgcError(
      EXIT.usage,
      "the images of this file have different `cache` settings; build one of them with --image",
    );
  }
  return first ?? { store: null, binaryCache: null, push: null };
}

/** The distinct policies of the wanted images. */
export function cachePolicies(spec: Spec, folder: string, wanted?: string[]): CachePolicy[] {
  const policies = new Map<string, CachePolicy>();
  for (const { name, cache } of spec.images) {
    if (wanted !== undefined && !wanted.includes(name)) continue;
    if (cache.store === null && cache.binaryCache === null && cache.push === null) continue;
    const { store, binaryCache, push } = cache;
    const duration = numberOf(binaryCache?.keep ?? null, spec);
    const policy = {
      store: store === null ? null : resolve(folder, store),
      binaryCache:
        binaryCache === null
          ? null
          : {
              folder: resolve(folder, binaryCache.path),
              compression: binaryCache.compression,
              keep: duration === null ? null : duration / NANOSECONDS,
              maxSize: numberOf(binaryCache.maxSize, spec),
            },
      push,
    };
    policies.set(JSON.stringify(policy), policy);
  }
  const unusual = [...policies.values()].find(({ binaryCache }) => /[\s?%#]/.test(binaryCache?.folder ?? ""));
  if (unusual !== undefined) {
    throw new ImgcError(
      EXIT.usage,
      `binary-cache: Nix cannot use the folder ${unusual.binaryCache?.folder}: its path must not contain spaces, ?, % or #`,
    );
  }
  return [...policies.values()];
}

/** The URLs of the stores that results are copied to. */
export function targets({ binaryCache, push }: CachePolicy): string[] {
  return [
    ...(binaryCache === null ? [] : [`file://${binaryCache.folder}?compression=${binaryCache.compression}`]),
    ...(push === null ? [] : [push]),
  ];
}

/** The URL of a binary cache as a substituter: trusted without signatures, and preferred because it is local. */
export function substituter({ folder }: BinaryCache): string {
  return `file://${folder}?trusted=1&priority=10`;
}

function numberOf(amount: Amount | null, { params }: Spec): number | null {
  if (amount === null || typeof amount === "number") return amount;
  const value = params.find(({ name }) => name === amount.param)?.default ?? null;
  return typeof value === "number" ? value : null;
}
