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
const MAX_DEPTH = 50;

/** Throws a GlobError if the text is not a valid glob. */
export function globMatcher(glob: string): Matcher {
  const pattern = new RegExp(`^(?:${translate(glob)})$`, "su");
  return (name) => pattern.test(characters(name));
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

/** The source of a regular expression. */
function translate(glob: string): string {
  const letters = Array.from(glob);
  let at = 0;
  let depth = 0;

  /** Translates up to the end, or up to a comma or brace of the enclosing alternatives. */
  function sequence(isInBraces: boolean): string {
    let source = "";
    while (at < letters.length) {
      const letter = letters[at] as string;
      if (isInBraces && (letter === "," || letter === "}")) break;
      at += 1;
      if (letter === "*") source += stars(source === "");
      else if (letter === "?") source += "[^/]";
      else if (letter === "[") source += oneOf();
      else if (letter === "{") source += alternatives();
      else if (letter === "/" && isAllBelow(isInBraces)) {
        at += 2;
        source += "(?:/.*)?";
      } else source += literal(letter);
    }
    return source;
  }

  /** Whether the glob ends in `**` after the slash. Such a glob also matches the folder itself. */
  function isAllBelow(isInBraces: boolean): boolean {
    if (letters[at] !== "*" || letters[at + 1] !== "*") return false;
    const next = letters[at + 2];
    return next === undefined || (isInBraces && (next === "," || next === "}"));
  }

  function stars(isFirst: boolean): string {
    if (letters[at] !== "*") return "[^/]*";
    at += 1;
    if (letters[at] !== "/" || !(isFirst || letters[at - 3] === "/")) return ".*";
    at += 1;
    return "(?:.*/)?";
  }

  function oneOf(): string {
    const isOther = letters[at] === "!" || letters[at] === "^";
    if (isOther) at += 1;
    const start = at;
    const members: string[] = [];
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
      members.push(last === undefined ? member(first) : `${member(first)}-${member(last)}`);
      at += last === undefined ? 1 : 3;
    }
    if (letters[at] !== "]") throw unclosed("[", "]", isOther ? start - 2 : start - 1);
    at += 1;
    // A range may include the slash, which no name contains.
    return `(?!/)[${isOther ? "^" : ""}${members.join("")}]`;
  }

  function alternatives(): string {
    const start = at - 1;
    const options: string[] = [];
    depth += 1;
    if (depth > MAX_DEPTH) throw new GlobError(`\`{\` nests more than ${MAX_DEPTH} deep`);
    do {
      options.push(sequence(true));
      at += 1;
    } while (letters[at - 1] === ",");
    depth -= 1;
    if (letters[at - 1] !== "}") throw unclosed("{", "}", start);
    return `(?:${options.join("|")})`;
  }

  /** The error of a bracket at an index: either its partner is missing, or the bracket is a literal one. */
  function unclosed(opening: string, closing: string, index: number): GlobError {
    const similar = [`${glob}${closing}`, letters.with(index, `[${opening}]`).join("")];
    const message = `a \`${opening}\` is never closed; add the missing \`${closing}\`, or write \`[${opening}]\` for a literal \`${opening}\``;
    return new GlobError(message, similar);
  }

  return sequence(false);
}

function literal(letter: string): string {
  return letter.replace(/[\\^$.|+()[\]{}*?/]/u, "\\$&");
}

/** A member of a character class. */
function member(letter: string): string {
  return letter.replace(/[\\\]^[-]/u, "\\$&");
}
