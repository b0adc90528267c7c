/**
 * The globs of `permissions`. `*` and `?` match within a name, `**` crosses folders, `[a-z]` matches one of the characters,
 * `[!a-z]` any other character except a slash, and `{a,b}` either alternative, which may be a glob. In brackets every
 * character is literal: `[*]`.
 */

import { EXIT, ImgcError } from "./errors.ts";

/** `name`: an absolute path in the image, its bytes decoded as Latin-1. */
export type Matcher = (name: string) => boolean;

export class GlobError extends ImgcError {
  /** Similar globs that may be meant. */
  readonly similar: readonly string[];

  constructor(message: string, similar: readonly string[] = []) {
    super(EXIT.findings, message);
    this.similar = similar;
  }
}

const SPECIAL = /[*?[{]/;
const SLASH = 0x2f;
/** The largest character that is a single unit of a string. */
const MAX_SHORT = 0xffff;
const MAX_DEPTH = 50;

/** A part of a glob, which matches from some positions of a name up to other positions. */
type Part =
  | { kind: "text"; text: string }
  /** A single character, never a slash. */
  | { kind: "one"; matches: (character: number) => boolean }
  /** `*`: any characters of a name. */
  | { kind: "star" }
  /** `**`: any characters. */
  | { kind: "deep" }
  /** `**` and a slash: nothing, or any characters up to a slash. */
  | { kind: "folders" }
  /** A slash and `**` at the end: nothing, or a slash and any characters. */
  | { kind: "below" }
  | { kind: "choice"; options: Part[][] };

/** Throws a GlobError if the text is not a valid glob. */
export function globMatcher(glob: string): Matcher {
  const parts = parse(glob);
  return (name) => {
    const text = characters(name);
    const start = new Uint8Array(text.length + 1);
    start[0] = 1;
    return matchSequence(parts, text, start)?.[text.length] === 1;
  };
}

/** Has 1 at each position of a text up to which the previous parts of a glob can match. */
type Positions = Uint8Array;

/**
 * The positions up to which the parts can match from one of the given positions; undefined if there is none. Each part is tried
 * once for all positions, so that no glob takes exponential time, as a backtracking regular expression can.
 */
function matchSequence(parts: readonly Part[], text: string, from: Positions): Positions | undefined {
  let positions = from;
  for (const part of parts) {
    const first = positions.indexOf(1);
    if (first < 0) return undefined;
    positions = matchPart(part, text, positions, first);
  }
  return positions;
}

/** `first`: the first of the positions. */
function matchPart(part: Part, text: string, from: Positions, first: number): Positions {
  const to = new Uint8Array(from.length);
  switch (part.kind) {
    case "text": {
      const length = part.text.length;
      const start = part.text.charCodeAt(0);
      for (let at = first; at + length < to.length; at++)
        if (from[at] === 1 && text.charCodeAt(at) === start && text.startsWith(part.text, at)) to[at + length] = 1;
      return to;
    }
    case "one": {
      for (let at = first; at < text.length; at++) {
        const character = text.codePointAt(at) as number;
        if (from[at] !== 1 || character === SLASH || !part.matches(character)) continue;
        to[at + (character > MAX_SHORT ? 2 : 1)] = 1;
      }
      return to;
    }
    case "star": {
      let isWithin = false;
      for (let at = first; at < to.length; at++) {
        isWithin = from[at] === 1 || (isWithin && text.charCodeAt(at - 1) !== SLASH);
        if (isWithin) to[at] = 1;
      }
      return to;
    }
    case "deep":
      return to.fill(1, first);
    case "folders": {
      to.set(from);
      for (let at = first; at < text.length; at++) if (text.charCodeAt(at) === SLASH) to[at + 1] = 1;
      return to;
    }
    case "below": {
      to.set(from);
      for (let at = first; at < text.length; at++)
        if (from[at] === 1 && text.charCodeAt(at) === SLASH) return to.fill(1, at + 1);
      return to;
    }
    case "choice": {
      for (const option of part.options)
        matchSequence(option, text, from)?.forEach((is, at) => {
          if (is === 1) to[at] = 1;
        });
      return to;
    }
  }
}

/** The folder before the first wildcard: every match starts with it. "" if there is no such folder. */
export function literalFolder(glob: string): string {
  const first = SPECIAL.exec(glob)?.index ?? glob.length;
  return glob.slice(0, glob.lastIndexOf("/", first - 1) + 1);
}

/** Decodes UTF-8; each invalid byte becomes a lone surrogate, which no valid text contains. */
function characters(name: string): string {
  if (!/[\u0080-\u00ff]/.test(name)) return name;
  const bytes = Uint8Array.from(name, (character) => character.charCodeAt(0));
  const whole = decodeUtf8(bytes);
  if (whole !== undefined) return whole;
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] as number;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const piece = decodeUtf8(bytes.subarray(at, at + length));
    // An invalid byte becomes half of a surrogate pair, which UTF-8 cannot encode.
    text += piece ?? String.fromCharCode(0xdc00 + first);
    at += piece === undefined ? 1 : length;
  }
  return text;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(glob: string): Part[] {
  const letters = Array.from(glob);
  let at = 0;
  let depth = 0;

  /** Parses up to the end, or up to a comma or brace of the enclosing alternatives. */
  function sequence(isInBraces: boolean): Part[] {
    const parts: Part[] = [];
    while (at < letters.length) {
      const letter = letters[at] as string;
      if (isInBraces && (letter === "," || letter === "}")) break;
      at += 1;
      if (letter === "*") parts.push(stars(parts.length === 0));
      else if (letter === "?") parts.push({ kind: "one", matches: () => true });
      else if (letter === "[") parts.push(oneOf());
      else if (letter === "{") parts.push(alternatives());
      else if (letter === "/" && isAllBelow(isInBraces)) {
        at += 2;
        parts.push({ kind: "below" });
      } else {
        const last = parts.at(-1);
        if (last?.kind === "text") last.text += letter;
        else parts.push({ kind: "text", text: letter });
      }
    }
    return parts;
  }

  /** Whether the glob ends in `**` after the slash. Such a glob also matches the folder itself. */
  function isAllBelow(isInBraces: boolean): boolean {
    if (letters[at] !== "*" || letters[at + 1] !== "*") return false;
    const next = letters[at + 2];
    return next === undefined || (isInBraces && (next === "," || next === "}"));
  }

  function stars(isFirst: boolean): Part {
    if (letters[at] !== "*") return { kind: "star" };
    at += 1;
    if (letters[at] !== "/" || !(isFirst || letters[at - 3] === "/")) return { kind: "deep" };
    at += 1;
    return { kind: "folders" };
  }

  function oneOf(): Part {
    const isOther = letters[at] === "!" || letters[at] === "^";
    if (isOther) at += 1;
    const start = at;
    const ranges: { first: number; last: number }[] = [];
    while (at < letters.length && (letters[at] !== "]" || at === start)) {
      const first = letters[at] as string;
      const last =
        letters[at + 1] === "-" && (letters[at + 2] ?? "]") !== "]" ? (letters[at + 2] as string) : undefined;
      if (first === "/" || last === "/") throw new GlobError("`[…]` cannot contain a slash");
      if (last !== undefined && (first.codePointAt(0) as number) > (last.codePointAt(0) as number)) {
        const turned = letters
          .with(at, last)
          .with(at + 2, first)
          .join("");
        throw new GlobError(`the range \`${first}-${last}\` ends before it starts; write \`${last}-${first}\``, [
          turned,
        ]);
      }
      ranges.push({ first: first.codePointAt(0) as number, last: (last ?? first).codePointAt(0) as number });
      at += last === undefined ? 1 : 3;
    }
    if (letters[at] !== "]") throw unclosed("[", "]", isOther ? start - 2 : start - 1);
    at += 1;
    const isIn = (character: number) => ranges.some(({ first, last }) => first <= character && character <= last);
    return { kind: "one", matches: (character) => isIn(character) !== isOther };
  }

  function alternatives(): Part {
    const start = at - 1;
    const options: Part[][] = [];
    depth += 1;
    if (depth > MAX_DEPTH) throw new GlobError(`\`{\` nests more than ${MAX_DEPTH} deep`);
    do {
      options.push(sequence(true));
      at += 1;
    } while (letters[at - 1] === ",");
    depth -= 1;
    if (letters[at - 1] !== "}") throw unclosed("{", "}", start);
    return { kind: "choice", options };
  }

  /** The error of a bracket at an index: either its partner is missing, or the bracket is a literal one. */
  function unclosed(opening: string, closing: string, index: number): GlobError {
    const similar = [`${glob}${closing}`, letters.with(index, `[${opening}]`).join("")];
    const message = `a \`${opening}\` is never closed; add the missing \`${closing}\`, or write \`[${opening}]\` for a literal \`${opening}\``;
    return new GlobError(message, similar);
  }

  return sequence(false);
}
