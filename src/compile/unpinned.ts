/** Finds the references of a spec that the lock file does not pin, or pins for other platforms or digests. */
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckResult } from "../language/index.ts";
import type { Spec } from "../language/schema/spec.ts";
import type { Lock } from "../lock/lock-file.ts";
import { platformText } from "../oci/platform.ts";
import { entryOf, isSignatureRecorded, misfit } from "../lock/pins.ts";
import { shellWord } from "../util/shell.ts";

/** The path of the setting in an image. */
export const SIGNED_BASE = ["expect", "signed-base"];

export interface Unpinned {
  image: string | undefined;
  path: string[];
  reference: string;
  /** Why the pin does not fit the spec; undefined if there is no pin. */
  misfit: string | undefined;
  /** The key of `signed-base`, if the pin fits but the lock does not record that this key signed it. */
  key?: { file: string; fingerprint: string };
}

/**
 * Skips the spec's `nixpkgs` if an option replaces it. `keys`: the fingerprints of the keys of `signed-base`, by path. Keys that
 * are not in `keys` are skipped.
 */
export function unpinned(
  { nixpkgs, images }: Spec,
  {
    lock,
    nixpkgs: given,
    keys = new Map(),
  }: { lock: Lock; nixpkgs?: string | undefined; keys?: ReadonlyMap<string, string> },
): Unpinned[] {
  const found: Unpinned[] = [];
  const { place } = nixpkgs;
  if (given === undefined && place !== null && "flake" in place && entryOf(lock.nixpkgs, place.flake) === undefined) {
    found.push({ image: undefined, path: ["nixpkgs"], reference: place.flake, misfit: undefined });
  }
  for (const { name, base, platforms, expect } of images) {
    if (base.kind !== "registry") continue;
    const { reference } = base;
    const pinned = entryOf(lock.bases, reference);
    const why = pinned && misfit(reference, pinned, platforms.map(platformText));
    const file = expect.signedBase;
    const fingerprint = file === null ? undefined : keys.get(file);
    if (pinned === undefined || why !== undefined) found.push({ image: name, path: ["base"], reference, misfit: why });
    else if (file !== null && fingerprint !== undefined && !isSignatureRecorded(pinned, fingerprint))
      found.push({ image: name, path: SIGNED_BASE, reference, misfit: undefined, key: { file, fingerprint } });
  }
  return found;
}

/** The diagnostic for a reference without a pin, or with a pin that does not fit. `file`: the description. */
export function pinDiagnostic(found: Unpinned, locate: CheckResult["locate"], file: string): Diagnostic {
  const { path, image, reference, key } = found;
  const place = locate(path, image);
  const description = shellWord(file);
  if (key !== undefined) return diagnostic("unchecked-base", place, { reference, ...key, description });
  if (found.misfit === undefined) return diagnostic("not-pinned", place, { reference, description });
  return diagnostic("stale-lock", place, { reference, misfit: found.misfit, description });
}
