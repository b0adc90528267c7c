/** Hints at pins in the lock file that differ from the current answers of registries and Nix. */
import { basename } from "node:path";
import type { Place } from "../diagnostics/diagnostic.ts";
import type { CheckResult, Spec } from "../language/index.ts";
import type { Lock } from "../lock/lock-file.ts";
import { entryOf, type PinnedNixpkgs } from "../lock/pins.ts";
import { printableLine } from "../util/printable.ts";
import { shellWord } from "../util/shell.ts";

export type Pins = Pick<Lock, "nixpkgs" | "bases">;

export interface PinHint extends Place {
  message: string;
}

/** A setting that names a reference: `nixpkgs`, or the base of an image. */
interface ReferenceSetting {
  kind: keyof Pins;
  reference: string;
  place: Place;
}

/** The settings of a file and its imports that name references which the lock file pins. Empty if the file has errors. */
export function referenceSettings({ spec, locate }: Pick<CheckResult, "spec" | "locate">): ReferenceSetting[] {
  if (spec === undefined) return [];
  const reference = flakeOf(spec);
  const set: ReferenceSetting[] =
    reference === undefined ? [] : [{ kind: "nixpkgs", reference, place: locate(["nixpkgs"]) }];
  const bases = spec.images.flatMap(({ name, base }): ReferenceSetting[] =>
    base.kind === "registry" ? [{ kind: "bases", reference: base.reference, place: locate(["base"], name) }] : [],
  );
  return [...set, ...bases];
}

/** The hints at settings whose pin in `lock` differs from the pin in `current`, or is missing. `path`: the description. */
export function pinHints(path: string, settings: readonly ReferenceSetting[], lock: Pins, current: Pins): PinHint[] {
  const file = shellWord(basename(path));
  return settings.flatMap(({ kind, reference, place }) => {
    const [before, now] = [lock, current].map((pins) => identityOf(pins, kind, reference));
    if (now === undefined || before === now) return [];
    const message =
      before === undefined
        ? `imgc.lock does not pin \`${reference}\`; run \`imgc lock ${file}\``
        : `imgc.lock pins ${short(before)}, but \`${reference}\` is now ${short(now)}; run \`imgc lock --update ${file}\``;
    return [{ ...place, message: printableLine(message) }];
  });
}

function flakeOf({ nixpkgs: { place } }: Spec): string | undefined {
  return place !== null && "flake" in place ? place.flake : undefined;
}

/** The digest of a base, or the revision or hash of a package set. */
function identityOf({ nixpkgs, bases }: Pins, kind: keyof Pins, reference: string): string | undefined {
  if (kind === "bases") return entryOf(bases, reference)?.digest;
  const set = entryOf(nixpkgs, reference);
  return set && setIdentity(set);
}

function setIdentity(set: PinnedNixpkgs): string {
  return set.fetch === "git" ? set.rev : set.narHash;
}

/** The longest identity in a message: `sha256:` or `sha256-`, and 12 characters. */
const SHORT_LENGTH = 19;

function short(identity: string): string {
  return identity.length > SHORT_LENGTH ? `${identity.slice(0, SHORT_LENGTH)}…` : identity;
}
