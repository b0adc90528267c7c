/**
 * `imgc.lock`: what the specs of its folder stood for when they were last pinned, and how their images were laid out.
 * JSON with sorted keys and an entry a line, so that a change of one is a change of one line. Text in, text out: whoever
 * has files reads and replaces them.
 */
import { parse, type AnyNode } from "@humanwhocodes/momoa";
import * as z from "zod/mini";
import { LockedLayers } from "./layers.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { PinnedNixpkgs, PinnedBase } from "./pins.ts";

/** The file is no lock, or not one of this version; the message is for the user. */
export class LockError extends ImgcError {
  /** Where in the text, in UTF-16 units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(EXIT.findings, message);
    this.offset = offset;
  }
}

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

/** `onDamage` is told where the section `layers` cannot be read as it is, and what of it is used. */
export function parseLock(text: string, onDamage: (error: LockError) => void = () => {}): Lock {
  const [first, ...others] = tolerant(text).map(attempt) as [Lock | LockError, ...(Lock | LockError)[]];
  if (!(first instanceof LockError)) return first;
  const mended = others.findIndex((each) => !(each instanceof LockError));
  const lock = others[mended];
  if (lock === undefined || lock instanceof LockError) throw others.at(-1) ?? first;
  const used = mended === 0 ? "the layers of both sides are used" : "the layers are planned without it";
  onDamage(new LockError(`${first.message}; ${used}, and the next build writes it anew`, first.offset));
  return lock;
}

function attempt(text: string): Lock | LockError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const marker = /^(<<<<<<<|=======|>>>>>>>)( |$)/m.exec(text);
    if (marker !== null) return new LockError("a merge left its conflict markers here", marker.index);
    return new LockError("this is no JSON", offsetOf(text, []));
  }
  const version = z.object({ version: z.number() }).safeParse(value).data?.version;
  if (version !== undefined && version > VERSION)
    return new LockError(`it has version ${version}; this imgc knows up to ${VERSION}`, offsetOf(text, ["version"]));
  const result = Lock.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const where = issue.path.join(" → ") || "the document";
  return new LockError(`${where}: ${describe(issue)}`, offsetOf(text, path));
}

/** Where the value at `path` starts, or what is nearest to it; where a text stops to be JSON. */
function offsetOf(text: string, path: PropertyKey[]): number {
  let at: AnyNode;
  try {
    at = parse(text).body;
  } catch (error) {
    // Brackets nested by the ten thousand have no place.
    return error instanceof Error && "offset" in error ? Number(error.offset) : 0;
  }
  for (const key of path) {
    const next = inside(at, key);
    if (next === undefined) break;
    at = next;
  }
  return at.loc.start.offset;
}

/** Of two members of one name, the last one counts. */
function inside(node: AnyNode, key: PropertyKey): AnyNode | undefined {
  if (node.type === "Array") return node.elements[Number(key)]?.value;
  if (node.type !== "Object") return undefined;
  return node.members.findLast(({ name }) => name.type === "String" && name.value === key)?.value;
}

const SECTION = '  "layers": {';
const SECTION_LINE = /^ {2}"layers": \{\r?$/m;

/**
 * The text, and what can be made of it where a merge left the section `layers` in conflict or put lines of two sides
 * together: both sides' entries, of which JSON.parse takes the last for a package; if that fits nowhere, no layers at
 * all, since they only make plans better. A conflict about what is pinned is the user's to settle, at the place that it
 * has in the text.
 */
function tolerant(text: string): string[] {
  const start = SECTION_LINE.exec(text)?.index;
  if (start === undefined) return [text];
  const pins = text.slice(0, start);
  let isBase = false;
  const lines = text.slice(start).trimEnd().split(/\r?\n/);
  const kept = lines.slice(1).filter((line) => {
    const marker = /^(<{7}|\|{7}|={7}|>{7})( |$)/.exec(line)?.[1]?.[0];
    if (marker !== undefined) isBase = marker === "|";
    return marker === undefined && !isBase;
  });
  const closes = (line: string | undefined) => line === undefined || /^\s*\}/.test(line);
  const entries = kept.map((line, i) => {
    const bare = line.replace(/,\s*$/, "");
    return bare.endsWith("{") || closes(kept[i + 1]) ? bare : `${bare},`;
  });
  return [text, `${pins}${[SECTION, ...entries].join("\n")}`, `${pins}${SECTION}}\n}`];
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `there is no ${issue.keys.join(", ")} in a lock`;
  if (issue.code === "invalid_type") return `expected ${issue.expected}`;
  if (issue.code === "invalid_value") return `expected ${issue.values.join(" or ")}`;
  return issue.message === "Invalid input" ? "a lock has something else here" : issue.message;
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
