/** Resolves the references of a spec to pins, without a change of the lock file. */
import type { Spec } from "../language/index.ts";
import { EMPTY_LOCK, type Lock } from "../lock/lock-file.ts";
import { ImgcError } from "../util/errors.ts";
import { references, resolveReference } from "./lock.ts";

/** Resolves all references that can be resolved. `failures`: a message for each of the others. */
export async function resolvePins(
  file: string,
  spec: Spec,
  { signal, onLine }: { signal: AbortSignal; onLine: (line: string) => void },
): Promise<{ pins: Pick<Lock, "nixpkgs" | "bases">; failures: string[] }> {
  const pins = { nixpkgs: { ...EMPTY_LOCK.nixpkgs }, bases: { ...EMPTY_LOCK.bases } };
  const failures: string[] = [];
  for (const wanted of references(spec)) {
    onLine(`${wanted.reference}: resolving`);
    try {
      await resolveReference(wanted, file, pins, { signal, onRetry: onLine });
    } catch (error) {
      if (!(error instanceof ImgcError)) throw error;
      failures.push(error.message);
    }
  }
  return { pins, failures };
}
