/**
 * Parses and prints `imgc.lock`, which pins the references in the specs of its folder, and records the layers of their images.
 * It is JSON with sorted keys and a line for each entry, so that a change of an entry changes one line.
 */
import { parse, type AnyNode } from "@humanwhocodes/momoa";
import * as z from "zod/mini";
import { LockedImage } from "./locked-image.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { issueText } from "../util/issue-text.ts";
import { PinnedNixpkgs, PinnedBase } from "./pins.ts";

/** The text is not a lock file, or has another format version. The message is for users. */
export class LockError extends ImgcError {
  /** The place in the text, in UTF-16 units. */
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
  layers: z.record(z.string(), LockedImage),
});
export type Lock = z.infer<typeof Lock>;

export const EMPTY_LOCK: Lock = { version: VERSION, nixpkgs: {}, bases: {}, layers: {} };

/** By section, the number of nested objects that have several lines. */
const DEPTH = { nixpkgs: 1, bases: 3, layers: 4 } as const;

/** `onDamage` is called if the section `layers` is damaged; the message says which part of it is used. */
export function parseLock(text: string, onDamage: (error: LockError) => void = () => {}): Lock {
  const first = attempt(text);
  if (!(first instanceof LockError)) return first;
  const others = repaired(text).map(attempt);
  const usable = others.findIndex((each) => !(each instanceof LockError));
  const lock = others[usable];
  if (lock === undefined || lock instanceof LockError) throw others.at(-1) ?? first;
  const used = usable === 0 ? "imgc uses the layers of both sides" : "imgc plans layers without this section";
  onDamage(new LockError(`${first.message}; ${used}, and the next build repairs it`, first.offset));
  return lock;
}

function attempt(text: string): Lock | LockError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const marker = /^(<<<<<<<|=======|>>>>>>>)( |$)/m.exec(text);
    if (marker !== null) return new LockError("a merge left conflict markers here", marker.index);
    return new LockError("this is not JSON", offsetOf(text, []));
  }
  const version = z.object({ version: z.number() }).safeParse(value).data?.version;
  if (version !== undefined && version > VERSION)
    return new LockError(
      `the lock has version ${version}, but this imgc reads up to version ${VERSION}; use a newer imgc`,
      offsetOf(text, ["version"]),
    );
  const result = Lock.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const where = issue.path.join(" → ") || "the document";
  return new LockError(`${where}: ${issueText(issue, value)}`, offsetOf(text, path));
}

/** The offset of the value at `path`, or of its nearest existing parent; in invalid JSON, the offset of the syntax error. */
function offsetOf(text: string, path: PropertyKey[]): number {
  let at: AnyNode;
  try {
    at = parse(text).body;
  } catch (error) {
    // Very deep nesting exhausts the stack, which is an error without an offset.
    return error instanceof Error && "offset" in error ? Number(error.offset) : 0;
  }
  for (const key of path) {
    const next = inside(at, key);
    if (next === undefined) break;
    at = next;
  }
  return at.loc.start.offset;
}

/** The member or element with a key. The last of two members with one name wins, as in JSON.parse. */
function inside(node: AnyNode, key: PropertyKey): AnyNode | undefined {
  if (node.type === "Array") return node.elements[Number(key)]?.value;
  if (node.type !== "Object") return undefined;
  return node.members.findLast(({ name }) => name.type === "String" && name.value === key)?.value;
}

const SECTION = '  "layers": {';
const SECTION_LINE = /^ {2}"layers": \{\r?$/m;

/**
 * Two repaired texts in case a merge damaged the section `layers`. The first has the entries of both sides; if
 * both have a package, JSON.parse takes the last entry. The second has no layers: without them, builds only pull more bytes.
 * Conflicts among pins are not repaired: users must resolve them.
 */
function repaired(text: string): string[] {
  const start = SECTION_LINE.exec(text)?.index;
  if (start === undefined) return [];
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
  return [`${pins}${[SECTION, ...entries].join("\n")}`, `${pins}${SECTION}}\n}`];
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

/** Entries sorted by UTF-16 units, independent of the locale. */
function sorted(value: object): [string, unknown][] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
