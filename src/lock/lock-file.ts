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
const DEPTH = { nixpkgs: 1, bases: 3, layers: 3 } as const;

export function parseLock(text: string): Lock {
  const tried = tolerant(text).map(attempt);
  const read = tried.find((each) => !(each instanceof LockError)) ?? tried[0];
  if (read instanceof LockError) throw read;
  return read as Lock;
}

function attempt(text: string): Lock | LockError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return new LockError(/^(<<<<<<<|=======|>>>>>>>) ?/m.test(text) ? "it has conflict markers of a merge" : reason);
  }
  const version = z.object({ version: z.number() }).safeParse(value).data?.version;
  if (version !== undefined && version > VERSION)
    return new LockError(`it has version ${version}; this imgc knows up to ${VERSION}`);
  const result = Lock.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return new LockError(`${issue?.path.join(" → ") || "the document"}: ${issue && describe(issue)}`);
}

const SECTION = '  "layers": {';

/**
 * The text, and what can be made of it where a merge left the section `layers` in conflict or put lines of two sides
 * together: both sides' entries, of which JSON.parse takes the last for a package; if that fits nowhere, no layers at
 * all, since they only make plans better. A conflict about what is pinned is the user's to settle.
 */
function tolerant(text: string): string[] {
  const lines = text.trimEnd().split(/\r?\n/);
  const start = lines.indexOf(SECTION);
  if (start === -1) return [text];
  let isBase = false;
  const kept = lines.slice(start + 1).filter((line) => {
    const marker = /^(<{7}|\|{7}|={7}|>{7})( |$)/.exec(line)?.[1]?.[0];
    if (marker !== undefined) isBase = marker === "|";
    return marker === undefined && !isBase;
  });
  const closes = (line: string | undefined) => line === undefined || /^\s*\}/.test(line);
  const entries = kept.map((line, i) => {
    const bare = line.replace(/,\s*$/, "");
    return bare.endsWith("{") || closes(kept[i + 1]) ? bare : `${bare},`;
  });
  const pins = lines.slice(0, start);
  return [text, [...pins, SECTION, ...entries].join("\n"), [...pins, `${SECTION}}`, "}"].join("\n")];
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
