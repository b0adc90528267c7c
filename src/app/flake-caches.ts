/** The `cache` settings of a spec in a generated flake. */
import { hookText } from "../cache/post-build-hook.ts";
import { substituter, targets, type CachePolicy } from "../cache/policy.ts";
import type { FlakeCaches } from "../compile/index.ts";

/** The caches of all policies, each once. */
export function flakeCaches(policies: readonly CachePolicy[]): FlakeCaches {
  const copiedTo = [...new Set(policies.flatMap(targets))];
  const substituters = policies.flatMap(({ binaryCache, push }) => [
    ...(binaryCache === null ? [] : [substituter(binaryCache)]),
    ...(push === null ? [] : [push]),
  ]);
  return {
    substituters: [...new Set(substituters)],
    hook: copiedTo.length === 0 ? undefined : hookText(copiedTo, null),
  };
}

/** Notes for the user on the settings that a flake cannot apply alone. */
export function flakeNotes(policies: readonly CachePolicy[]): string[] {
  const notes: string[] = [];
  if (policies.some((policy) => targets(policy).length > 0))
    notes.push("to use the caches, build the flake with `nix build --accept-flake-config`, as a trusted user of Nix");
  const store = policies.find((policy) => policy.store !== null)?.store;
  if (typeof store === "string")
    notes.push(`a flake cannot set \`store\`; build it with \`nix build --store ${store}\``);
  if (policies.some(({ binaryCache }) => binaryCache !== null && (binaryCache.keep ?? binaryCache.maxSize) !== null))
    notes.push("builds of the flake ignore `keep` and `max-size`; use `imgc build` to prune the cache");
  return notes;
}
