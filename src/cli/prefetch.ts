/** Where a build failed for want of a registry's credentials: the bases are fetched with skopeo's, and it goes on. */
import { platformText } from "../compile/index.ts";
import type { Spec } from "../language/index.ts";
import type { Lock } from "../lock/lock-file.ts";
import { NO_CREDENTIALS } from "../registry/fetch.ts";
import { prefetch } from "../registry/prefetch.ts";
import { ToolError } from "../tool/run.ts";
import { EXIT, UserError } from "./exit.ts";
import { OWN } from "./own-platform.ts";
import { entryOf } from "../lock/entry.ts";

/** `options`: those of `nix build`. */
export async function withCredentials<T>(
  build: () => Promise<T>,
  { spec, lock, options, note }: { spec: Spec; lock: Lock; options: string[]; note: (line: string) => void },
): Promise<T> {
  try {
    return await build();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(NO_CREDENTIALS))) throw error;
  }
  for (const [reference, platforms] of basesOf(spec)) {
    for (const platform of platforms) {
      const pin = entryOf(lock.bases, reference)?.platforms[platform];
      if (pin === undefined) continue;
      note(`${reference}: fetching with the credentials that skopeo finds`);
      try {
        await prefetch(reference, pin, storeOptions(options));
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        throw new UserError(EXIT.environment, `${reference} cannot be fetched: ${error.message}`);
      }
    }
  }
  return build();
}

function basesOf({ images }: Spec): Map<string, Set<string>> {
  const bases = new Map<string, Set<string>>();
  for (const { base, platforms } of images) {
    if (base.kind !== "registry") continue;
    const wanted = platforms.length === 0 ? [OWN] : platforms.map(platformText);
    bases.set(base.reference, new Set([...(bases.get(base.reference) ?? []), ...wanted]));
  }
  return bases;
}

function storeOptions(options: string[]): string[] {
  const at = options.lastIndexOf("--store");
  return at < 0 ? [] : options.slice(at, at + 2);
}
