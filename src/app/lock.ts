/** Pins the references of a spec: its bases and its package set. */
import { unpinned } from "../compile/unpinned.ts";
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Spec } from "../language/index.ts";
import type { Lock } from "../lock/lock-file.ts";
import { pinFlake } from "../nix/pin.ts";
import { MACHINE_PLATFORM } from "../oci/machine-platform.ts";
import { platformText } from "../oci/platform.ts";
import { pin } from "../registry/pin.ts";
import { retrying } from "../registry/retry.ts";
import { EXIT, ImgcError, Reported } from "../util/errors.ts";
import { requireImages } from "./compile.ts";
import { lockPath, readLock, writeLock } from "./lock-file.ts";
import { checkFile } from "./read-spec.ts";
import { readBaseKeys } from "./base-keys.ts";
import { checkSignatures } from "./signed-base.ts";
import type { Reporter } from "./reporter.ts";

/** The platforms to pin if images name none: the platforms of most machines, and this machine's. */
const PLATFORMS = [...new Set(["linux/amd64", "linux/arm64", "linux/arm/v7", MACHINE_PLATFORM])];

interface PinOptions {
  /** Also looks up references that are already pinned. */
  update: boolean;
  reporter: Pick<Reporter, "diagnostics" | "line">;
  /** Runs a lookup with a signal that stops the lookup. */
  stoppable: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  onPinned: (reference: string, pin: string) => void;
}

/** Pins the references of a spec in its lock file. Returns whether the file was written. */
export async function lockReferences(file: string, options: PinOptions): Promise<boolean> {
  const { update, reporter, stoppable, onPinned } = options;
  const { spec, diagnostics, sources, locate } = checkFile(file);
  if (spec === undefined) {
    reporter.diagnostics({ diagnostics, sources });
    throw new Reported(EXIT.findings);
  }
  requireImages(spec, file);
  const { keys, diagnostics: badKeys } = readBaseKeys(spec, locate);
  if (badKeys.length > 0) {
    reporter.diagnostics({ diagnostics: [...diagnostics, ...badKeys], sources });
    throw new Reported(EXIT.findings);
  }
  const before = readLock(file);
  const missing = new Set(unpinned(spec, { lock: before }).map(({ reference }) => reference));
  const after: Lock = { ...before, nixpkgs: { ...before.nixpkgs }, bases: { ...before.bases } };
  const failed: Diagnostic[] = [];
  let exitCode: number = EXIT.findings;
  const wanted = references(spec);
  for (const each of wanted) {
    const { reference, image } = each;
    if (!update && !missing.has(reference)) continue;
    reporter.line(`${reference}: resolving`);
    try {
      await stoppable(async (signal) =>
        resolveReference(each, file, after, { signal, onRetry: (message) => reporter.line(message) }),
      );
      onPinned(reference, pinText(after, reference));
    } catch (error) {
      if (!(error instanceof ImgcError)) throw error;
      const place = locate([image === undefined ? "nixpkgs" : "base"], image);
      failed.push(diagnostic("cannot-pin", place, { reason: error.message }));
      exitCode = Math.max(exitCode, error.exitCode);
    }
  }
  const signatures = await stoppable(async (signal) =>
    checkSignatures(spec, after.bases, keys, {
      locate,
      signal,
      onCheck: (reference) => reporter.line(`${reference}: checking the signature`),
      onRetry: (message) => reporter.line(message),
    }),
  );
  for (const { reference, by } of signatures.valid) onPinned(reference, `signed by ${by}`);
  // All or nothing: a partly updated lock would describe neither the old nor the new image.
  failed.push(...signatures.failed);
  if (failed.length > 0) {
    reporter.diagnostics({ diagnostics: [...diagnostics, ...failed], sources });
    throw new Reported(Math.max(exitCode, signatures.exitCode));
  }
  const isPinned = wanted.length > 0 && (update || missing.size > 0 || signatures.valid.length > 0);
  if (isPinned) writeLock(file, after);
  else if (wanted.length > 0)
    reporter.line(`${lockPath(file)} already pins all references; use --update to look them up again`);
  return isPinned;
}

interface ResolveOptions {
  signal: AbortSignal;
  onRetry: (message: string) => void;
}

/** Asks the registry or Nix for a reference, and adds the answer to `pins`. */
export async function resolveReference(
  { reference, platforms }: Wanted,
  file: string,
  pins: Pick<Lock, "nixpkgs" | "bases">,
  options: ResolveOptions,
): Promise<void> {
  if (platforms === undefined) pins.nixpkgs[reference] = await pinFlake(reference, file, options.signal);
  else pins.bases[reference] = await pinBase(reference, platforms, options);
}

async function pinBase(
  reference: string,
  platforms: string[],
  { signal, onRetry }: ResolveOptions,
): Promise<Lock["bases"][string]> {
  const wanted = platforms.length === 0 ? null : platforms;
  return await retrying(reference, { use: "fetch", signal, onRetry }, () =>
    pin(reference, wanted, PLATFORMS, { signal }),
  );
}

interface Wanted {
  reference: string;
  /** The platforms of the images on this base; empty: all platforms. Undefined for a package set. */
  platforms: string[] | undefined;
  image: string | undefined;
}

/** The references that the lock must pin, each once. */
export function references({ nixpkgs, images }: Spec): Wanted[] {
  const bases = new Map<string, Wanted>();
  for (const { name, base, platforms } of images) {
    if (base.kind !== "registry") continue;
    const { reference } = base;
    const before = bases.get(reference);
    const all = [...new Set([...(before?.platforms ?? []), ...platforms.map(platformText)])];
    // An image without platforms may be built for any platform.
    const isAny = platforms.length === 0 || before?.platforms?.length === 0;
    bases.set(reference, { reference, platforms: isAny ? [] : all, image: before?.image ?? name });
  }
  const { place } = nixpkgs;
  const set = place !== null && "flake" in place ? [{ reference: place.flake }] : [];
  return [...set.map((each) => ({ ...each, platforms: undefined, image: undefined })), ...bases.values()];
}

function pinText({ nixpkgs, bases }: Lock, reference: string): string {
  const base = bases[reference];
  if (base !== undefined) return `${base.digest}  ${Object.keys(base.platforms).join(" ")}`;
  const set = nixpkgs[reference];
  return set?.fetch === "git" ? set.rev : (set?.narHash ?? "");
}
