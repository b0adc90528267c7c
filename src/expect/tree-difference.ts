/** How two store paths that should be the same differ: which file, and where in it. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Files that are named. */
const MOST = 5;
/** Bytes that are shown before the first that differs, and in all. */
const BEFORE = 12;
const SHOWN = 40;

/** A line a difference, the first few of them. */
export function treeDifference(before: string, after: string): string[] {
  const found: string[] = [];
  let more = 0;
  for (const line of differences(before, after, "")) {
    if (found.length < MOST) found.push(line);
    else more++;
  }
  return more === 0 ? found : [...found, `and ${more} more`];
}

function* differences(before: string, after: string, name: string): Generator<string> {
  const [kind, other] = [kindOf(before), kindOf(after)];
  const shown = name === "" ? "it" : name;
  if (kind !== other) {
    yield `${shown} is a ${kind}, then a ${other}`;
  } else if (kind === "folder") {
    const [names, others] = [readdirSync(before), readdirSync(after)];
    for (const each of [...new Set([...names, ...others])].toSorted()) {
      const path = name === "" ? each : `${name}/${each}`;
      if (!others.includes(each)) yield `${path} is not there the second time`;
      else if (!names.includes(each)) yield `${path} is there the second time only`;
      else yield* differences(join(before, each), join(after, each), path);
    }
  } else if (kind === "link") {
    const [target, otherTarget] = [readlinkSync(before), readlinkSync(after)];
    if (target !== otherTarget) yield `${shown} leads to ${target}, then to ${otherTarget}`;
  } else yield* contents(readFileSync(before), readFileSync(after), shown);
}

function* contents(before: Buffer, after: Buffer, shown: string): Generator<string> {
  if (before.equals(after)) return;
  const length = Math.min(before.length, after.length);
  let at = 0;
  while (at < length && before[at] === after[at]) at++;
  const sizes = before.length === after.length ? "" : ` (of ${before.length} bytes, then ${after.length})`;
  yield `${shown} differs at byte ${at}${sizes}: ${excerpt(before, at)}, then ${excerpt(after, at)}`;
}

/** Text as text, anything else in hexadecimal. */
function excerpt(bytes: Buffer, at: number): string {
  const start = Math.max(0, at - BEFORE);
  const piece = bytes.subarray(start, start + SHOWN);
  const text = piece.toString();
  // A piece may start and end within a character.
  const isText = !/[^\t\r\n\P{Cc}]/u.test(text) && !text.slice(4, -4).includes("\ufffd");
  if (!isText) return bytes.subarray(at, at + SHOWN / 4).toString("hex") || "the end";
  return `${start > 0 ? "…" : ""}${JSON.stringify(text)}${start + SHOWN < bytes.length ? "…" : ""}`;
}

function kindOf(path: string): "folder" | "link" | "program" | "file" {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  return (stat.mode & 0o100) === 0 ? "file" : "program";
}
