/** Describes the differences between two builds of a store path. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Limit of listed differences. */
const MAX_LISTED = 5;
/** Bytes in an excerpt before the first difference. */
const BEFORE = 12;
/** Limit in bytes of an excerpt. */
const MAX_EXCERPT = 40;

/** A line for each of the first differences. */
export function treeDifference(before: string, after: string): string[] {
  const found: string[] = [];
  let more = 0;
  for (const line of differences(before, after, "")) {
    if (found.length < MAX_LISTED) found.push(line);
    else more++;
  }
  return more === 0 ? found : [...found, `and ${more} more`];
}

function* differences(before: string, after: string, name: string): Generator<string> {
  const [kind, other] = [kindOf(before), kindOf(after)];
  const label = name === "" ? "the path" : name;
  if (kind !== other) {
    yield `${label} is a ${kind} in the first build and a ${other} in the second`;
  } else if (kind === "folder") {
    const [names, others] = [readdirSync(before), readdirSync(after)];
    for (const each of [...new Set([...names, ...others])].toSorted()) {
      const path = name === "" ? each : `${name}/${each}`;
      if (!others.includes(each)) yield `${path} is only in the first build`;
      else if (!names.includes(each)) yield `${path} is only in the second build`;
      else yield* differences(join(before, each), join(after, each), path);
    }
  } else if (kind === "link") {
    const [target, otherTarget] = [readlinkSync(before), readlinkSync(after)];
    if (target !== otherTarget)
      yield `${label} links to ${target} in the first build and to ${otherTarget} in the second`;
  } else yield* contents(readFileSync(before), readFileSync(after), label);
}

function* contents(before: Buffer, after: Buffer, label: string): Generator<string> {
  if (before.equals(after)) return;
  const length = Math.min(before.length, after.length);
  let at = 0;
  while (at < length && before[at] === after[at]) at++;
  const sizes =
    before.length === after.length ? "" : ` (${before.length} bytes in the first build, ${after.length} in the second)`;
  yield `${label} differs at byte ${at}${sizes}: first ${excerpt(before, at)}, then ${excerpt(after, at)}`;
}

/** Bytes around a position: quoted if they are text, otherwise in hexadecimal. */
function excerpt(bytes: Buffer, at: number): string {
  const start = Math.max(0, at - BEFORE);
  const piece = bytes.subarray(start, start + MAX_EXCERPT);
  const text = piece.toString();
  // A piece may start or end within a character, so ignore invalid characters at both ends.
  const isText = !/[^\t\r\n\P{Cc}]/u.test(text) && !text.slice(4, -4).includes("\ufffd");
  if (!isText) return bytes.subarray(at, at + MAX_EXCERPT / 4).toString("hex") || "the end";
  return `${start > 0 ? "…" : ""}${JSON.stringify(text)}${start + MAX_EXCERPT < bytes.length ? "…" : ""}`;
}

function kindOf(path: string): "folder" | "link" | "program" | "file" {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  return (stat.mode & 0o100) === 0 ? "file" : "program";
}
