/**
 * `imgc.lock`: what the specs of its folder stood for when they were last pinned, and how their images were laid out.
 * JSON with sorted keys and an entry a line, so that a change of one is a change of one line. Text in, text out: whoever
 * has files reads and replaces them.
 */
import * as z from "zod/mini";
import { PinnedBase } from "./bases.ts";
import { LockedLayers } from "./layers.ts";
import { PinnedNixpkgs } from "./nixpkgs.ts";

/** The file is no lock, or not one of this version; the message is for the user. */
export class LockError extends Error {}

const VERSION = 1;

const Lock = z.strictObject({
  version: z.literal(VERSION),
  nixpkgs: z.record(z.string(), PinnedNixpkgs),
  bases: z.record(z.string(), PinnedBase),
  layers: z.record(z.string(), LockedLayers),
});
export type Lock = z.infer<typeof Lock>;

export const EMPTY_LOCK: Lock = { version: VERSION, nixpkgs: {}, bases: {}, layers: {} };

/** How many objects inside each other go over several lines, in each section. */
const DEPTH = { nixpkgs: 1, bases: 3, layers: 2 } as const;

export function parseLock(text: string): Lock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LockError(/^(<<<<<<<|=======|>>>>>>>) ?/m.test(text) ? "it has conflict markers of a merge" : reason);
  }
  const version = z.object({ version: z.number() }).safeParse(value).data?.version;
  if (version !== undefined && version > VERSION)
    throw new LockError(`it has version ${version}; this imgc knows up to ${VERSION}`);
  const result = Lock.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new LockError(`${issue?.path.join(" → ") || "the document"}: ${issue && describe(issue)}`);
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `there is no ${issue.keys.join(", ")} in a lock`;
  if (issue.code === "invalid_type") return `expected ${issue.expected}`;
  return issue.message;
}

export function printLock(lock: Lock): string {
  const sections = (["nixpkgs", "bases", "layers"] as const).map(
    (name) => `  ${JSON.stringify(name)}: ${print(lock[name], DEPTH[name], "  ")}`,
  );
  return `{\n${[`  "version": ${lock.version}`, ...sections].join(",\n")}\n}\n`;
}

function print(value: unknown, depth: number, indent: string): string {
  if (!isObject(value)) return Array.isArray(value) ? `[${value.map(printFlat).join(",")}]` : JSON.stringify(value);
  const inner = `${indent}  `;
  const entries = sorted(value).map(([key, each]) => [JSON.stringify(key), print(each, depth - 1, inner)]);
  if (entries.length === 0) return "{}";
  if (depth <= 0) return `{${entries.map(([key, each]) => `${key}:${each}`).join(",")}}`;
  return `{\n${entries.map(([key, each]) => `${inner}${key}: ${each}`).join(",\n")}\n${indent}}`;
}

function printFlat(value: unknown): string {
  return print(value, 0, "");
}

/** By code unit, which no locale changes. */
function sorted(value: object): [string, unknown][] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
