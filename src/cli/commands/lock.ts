/**
 * `imgc lock`: pins a spec's references and its images' layers in the lock file beside the spec. The layers are known only
 * after a build.
 */
import { unpinned } from "../../compile/unpinned.ts";
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { type Spec } from "../../language/index.ts";
import type { Lock } from "../../lock/lock-file.ts";
import { pinFlake } from "../../nix/pin.ts";
import { retrying } from "../../registry/retry.ts";
import { pin } from "../../registry/pin.ts";
import { printableLine } from "../../util/printable.ts";
import { buildSpec } from "../../app/build.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError, Reported } from "../../util/errors.ts";
import { onInterrupt, whileInterruptible } from "../terminal/signals.ts";
import { lockPath, readLock, writeLock } from "../../app/lock-file.ts";
import { lockLayers } from "../../app/lock-layers.ts";
import { checkFile } from "../../app/read-spec.ts";
import { report } from "../terminal/diagnostics.ts";
import { MACHINE_PLATFORM, platformText } from "../../oci/platform.ts";
import { reporting } from "../terminal/reporter.ts";

/** The default platforms of a pin: those of most machines, and this machine's. */
const PLATFORMS = [...new Set(["linux/amd64", "linux/arm64", "linux/arm/v7", MACHINE_PLATFORM])];

export interface LockCommandOptions extends Pick<SpecOptions, "set" | "nixpkgs"> {
  update?: boolean;
}

export async function lock(file: string, { update = false, ...options }: LockCommandOptions): Promise<void> {
  const isPinned = await lockReferences(file, update);
  try {
    const { images } = await reporting(
      onInterrupt(),
      async (context) => await buildSpec(file, { ...options, outLink: null }, context),
    );
    for (const [name, { contents, packages }] of lockLayers(file, images)) {
      const [layers, held] = [contents, packages].map((each) => Object.keys(each).length);
      process.stdout.write(`${printableLine(name)}  ${held} packages in ${layers} layers\n`);
    }
  } catch (error) {
    if (isPinned)
      process.stderr.write(
        `${printableLine(lockPath(file))}: references are pinned, but layers are unchanged because the build failed\n`,
      );
    throw error;
  }
}

/** Whether anything was pinned. */
async function lockReferences(file: string, update: boolean): Promise<boolean> {
  const { spec, diagnostics, sources, locate } = checkFile(file);
  if (spec === undefined) {
    report({ diagnostics, sources }, process.stderr);
    throw new Reported(EXIT.findings);
  }
  const before = readLock(file);
  const missing = new Set(unpinned(spec, { lock: before }).map(({ reference }) => reference));
  const after: Lock = { ...before, nixpkgs: { ...before.nixpkgs }, bases: { ...before.bases } };
  const failed: Diagnostic[] = [];
  const wanted = references(spec);
  for (const { reference, platforms, image } of wanted) {
    if (!update && !missing.has(reference)) continue;
    process.stderr.write(`${printableLine(reference)}: resolving\n`);
    try {
      await whileInterruptible(async (signal) => {
        if (platforms === undefined) after.nixpkgs[reference] = await pinFlake(reference, file, signal);
        else after.bases[reference] = await pinBase(reference, platforms, signal);
      });
      process.stdout.write(`${printableLine(`${reference}  ${words(after, reference)}`)}\n`);
    } catch (error) {
      if (!(error instanceof ImgcError)) throw error;
      const place = locate([image === undefined ? "nixpkgs" : "base"], image);
      failed.push(diagnostic("cannot-pin", place, { reason: error.message }));
    }
  }
  // All or nothing: a partly updated lock would describe neither the old nor the new image.
  if (failed.length > 0) {
    report({ diagnostics: [...diagnostics, ...failed], sources }, process.stderr);
    throw new Reported(EXIT.environment);
  }
  const isPinned = wanted.length > 0 && (update || missing.size > 0);
  if (isPinned) writeLock(file, after);
  else if (wanted.length > 0)
    process.stderr.write(
      `${printableLine(lockPath(file))} already pins all references; use --update to look them up again\n`,
    );
  return isPinned;
}

async function pinBase(reference: string, platforms: string[], signal: AbortSignal): Promise<Lock["bases"][string]> {
  const onRetry = (message: string) => void process.stderr.write(`${printableLine(message)}\n`);
  const wanted = platforms.length === 0 ? null : platforms;
  return await retrying(reference, { use: "fetch", signal, onRetry }, () =>
    pin(reference, wanted, PLATFORMS, { signal }),
  );
}

interface Wanted {
  reference: string;
  /** The platforms of the images on this base, empty for all platforms; undefined for a package set. */
  platforms: string[] | undefined;
  image: string | undefined;
}

/** The references that the lock must pin, each once. */
function references({ nixpkgs, images }: Spec): Wanted[] {
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

function words({ nixpkgs, bases }: Lock, reference: string): string {
  const base = bases[reference];
  if (base !== undefined) return `${base.digest}  ${Object.keys(base.platforms).join(" ")}`;
  const set = nixpkgs[reference];
  return set?.fetch === "git" ? set.rev : (set?.narHash ?? "");
}
