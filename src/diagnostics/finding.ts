/**
 * Problems in a spec that only Nix functions and builders can find, as lines of text that name their place in the spec:
 * `imgc[shop/api permissions "/etc/*"]: MESSAGE`, or `imgc: MESSAGE` without a place. Builders print the lines, Nix
 * functions throw them, and `imgc build` shows them as diagnostics.
 */

/** A path inside an image's block: settings as written, keys of entries, zero-based indexes of list items. */
export type FindingPath = readonly (string | number)[];

export interface Finding {
  /** The image's name; null if several images may share the derivation, which then does not know the name. */
  image: string | null;
  at: FindingPath;
  message: string;
}

/** Printed in place of an image's name that is null. */
const ANY_IMAGE = "*";
const WORD = /^[a-z][a-z-]*$/;
const IMAGE_NAME = /^[\w.:/-]+$/;
const TOKEN = /(?<text>"(?:[^"\\]|\\.)*")|(?<index>\d+(?=[\s\]]))|(?<word>[^\s"\]]+)/y;

/** Prints a finding. A message may have several lines; `parseFindings` adds further lines to the finding above. */
export function printFinding({ image, at, message }: Finding): string {
  if (image === null && at.length === 0) return `imgc: ${message}`;
  const name = image === null ? ANY_IMAGE : IMAGE_NAME.test(image) ? image : JSON.stringify(image);
  const path = at.map((part) => (typeof part === "string" && !WORD.test(part) ? JSON.stringify(part) : String(part)));
  return `imgc[${[name, ...path].join(" ")}]: ${message}`;
}

/** Whether a line begins a finding. */
export function isFinding(line: string): boolean {
  return parseHead(line) !== undefined;
}

/** The findings in a text; lines before the first finding are ignored. */
export function parseFindings(text: string): Finding[] {
  const found: Finding[] = [];
  for (const line of text.split("\n")) {
    const head = parseHead(line);
    const last = found.at(-1);
    if (head !== undefined) found.push(head);
    else if (last !== undefined) last.message += `\n${line}`;
  }
  return found.map((each) => ({ ...each, message: each.message.trimEnd() }));
}

function parseHead(line: string): Finding | undefined {
  if (line.startsWith("imgc: ")) return { image: null, at: [], message: line.slice("imgc: ".length) };
  if (!line.startsWith("imgc[")) return undefined;
  const parts: (string | number)[] = [];
  let at = "imgc[".length;
  while (!line.startsWith("]: ", at)) {
    TOKEN.lastIndex = at;
    const { text, index, word } = TOKEN.exec(line)?.groups ?? {};
    // The first part is the image's name, which may be a number.
    const bare = index === undefined || parts.length === 0 ? (word ?? index) : Number(index);
    const part = text === undefined ? bare : unquoted(text);
    if (part === undefined) return undefined;
    parts.push(part);
    at = TOKEN.lastIndex;
    if (line[at] === " ") at += 1;
  }
  const [image = "", ...rest] = parts;
  if (typeof image !== "string" || image === "") return undefined;
  return { image: image === ANY_IMAGE ? null : image, at: rest, message: line.slice(at + "]: ".length) };
}

function unquoted(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}
