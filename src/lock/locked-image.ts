/**
 * An image's entry in the lock's section `layers`: the records of builds, and the inputs of the last recorded plan.
 *
 * The last plan was made with earlier records. As long as its inputs are the same, the image must be planned with these earlier
 * records: otherwise, recording a plan would make the next build plan again. So a record that the last plan replaced keeps the
 * replaced text on its line: "NOW; before REPLACED", where "none" stands for no record. nix/plan-history.nix selects in the
 * same way.
 */
import * as z from "zod/mini";
import { LockedLayers, nextLock, readEntry, type Sharing } from "./layers.ts";
import { entryOf } from "./pins.ts";
import type { ClosurePath } from "../plan/graph.ts";

/** By name, the first characters of the hashes of the store paths from which a plan results, and of its settings. */
export const PlanInputs = z.record(z.string(), z.string());

export const LockedImage = z.extend(LockedLayers, {
  /** The value of `rebuilds` in the records of which the last plan was made; null if there were none. */
  before: z.optional(z.nullable(z.number().check(z.int(), z.nonnegative()))),
  /** The inputs of the last plan, by platform. After the other members, so that merges seldom join its lines with theirs. */
  usedInputs: z.optional(z.record(z.string(), PlanInputs)),
});
export type LockedImage = z.infer<typeof LockedImage>;

export interface RecordedBuild {
  /** The platform whose closure and layers are recorded. */
  platform: string;
  closure: ClosurePath[];
  layers: string[][];
  inputs: NonNullable<LockedImage["usedInputs"]>;
  /** Undefined if it stays as recorded. */
  sharing?: Sharing | undefined;
}

const SEPARATOR = "; before ";
const NONE = "none";

/** The entry after a build; `entry` itself if the build changes no record. */
export function recordBuild(entry: LockedImage | undefined, build: RecordedBuild): LockedImage {
  const { closure, layers, inputs, sharing = sharingOf(entry) } = build;
  const before = entry && plannedWith(entry, build);
  const after = nextLock(before, closure, layers, sharing);
  if (entry !== undefined && isSame(after, lastRecords(entry))) return entry;
  return {
    rebuilds: after.rebuilds,
    before: before?.rebuilds ?? null,
    contents: before === undefined ? after.contents : withReplaced(after.contents, before.contents),
    packages: before === undefined ? after.packages : withReplaced(after.packages, before.packages),
    ...withShared(before === undefined ? after.shared : withReplaced(after.shared ?? {}, before.shared ?? {})),
    usedInputs: inputs,
  };
}

/** The records of the last build. */
export function lastRecords({ rebuilds, ...records }: LockedImage): LockedLayers {
  return selectRecords(rebuilds, records, (text) => text.split(SEPARATOR)[0]);
}

/** The records of an image before its first build, with which its first plan is made. */
export function firstRecords({ packages, shared }: Sharing): LockedImage {
  const records = Object.entries(packages).map(([name, number]): [string, string] => [name, `shared ${number}`]);
  return { rebuilds: 0, contents: {}, packages: Object.fromEntries(records), shared };
}

function sharingOf(entry: LockedImage | undefined): Sharing | undefined {
  if (entry === undefined) return undefined;
  const { packages, shared = {} } = lastRecords(entry);
  const numbers = Object.entries(packages).flatMap(([name, text]): [string, string][] => {
    const number = readEntry(text)?.shared;
    return number === undefined ? [] : [[name, number]];
  });
  return { packages: Object.fromEntries(numbers), shared };
}

/** The records of which a plan with these inputs is made. */
function plannedWith(entry: LockedImage, { platform, inputs }: RecordedBuild): LockedLayers | undefined {
  const [recorded, present] = [entry.usedInputs?.[platform], inputs[platform]];
  if (recorded === undefined || present === undefined || !hasSame(recorded, present)) return lastRecords(entry);
  const { before = null, ...records } = entry;
  return before === null ? undefined : selectRecords(before, records, (text) => text.split(SEPARATOR).at(-1));
}

function selectRecords(
  rebuilds: number,
  { contents, packages, shared }: Pick<LockedImage, "contents" | "packages" | "shared">,
  part: (text: string) => string | undefined,
): LockedLayers {
  const selected = shared && select(shared, part);
  return { rebuilds, contents: select(contents, part), packages: select(packages, part), ...withShared(selected) };
}

function withShared(shared: Record<string, string> | undefined): Pick<LockedLayers, "shared"> {
  return shared === undefined || Object.keys(shared).length === 0 ? {} : { shared };
}

function select(texts: Record<string, string>, part: (text: string) => string | undefined): Record<string, string> {
  const selected = Object.entries(texts).map(([name, text]): [string, string] => [name, part(text) ?? NONE]);
  return Object.fromEntries(selected.filter(([, text]) => text !== NONE));
}

function withReplaced(after: Record<string, string>, before: Record<string, string>): Record<string, string> {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return Object.fromEntries(
    names.map((name) => {
      const [now = NONE, replaced = NONE] = [entryOf(after, name), entryOf(before, name)];
      return [name, now === replaced ? now : `${now}${SEPARATOR}${replaced}`];
    }),
  );
}

function isSame(a: LockedLayers, b: LockedLayers): boolean {
  const isShared = hasSame(a.shared ?? {}, b.shared ?? {});
  return a.rebuilds === b.rebuilds && hasSame(a.contents, b.contents) && hasSame(a.packages, b.packages) && isShared;
}

/** Whether two records have the same members, in any order. */
function hasSame(a: Record<string, string>, b: Record<string, string>): boolean {
  const [text, other] = [a, b].map((each) =>
    JSON.stringify(Object.entries(each).toSorted(([x], [y]) => (x < y ? -1 : 1))),
  );
  return text === other;
}
