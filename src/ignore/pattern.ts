/**
 * Parses and matches the patterns of .gitignore files as git does: gitignore(5) and, for its gaps, git's wildmatch.c. Names
 * and patterns are byte strings: git compares bytes. nix/gitignore.nix implements the same rules.
 */

/** One line of a .gitignore file, or one string of `exclude`. */
export interface Pattern {
  isNegated: boolean;
  /** The pattern ends in `/`: it matches directories only. */
  directoriesOnly: boolean;
  /** The pattern has a `/` before its end, so it matches paths from its folder; otherwise, names at any depth. */
  hasSlash: boolean;
  glob: Token[];
  /** The bytes at the start and end of every match, for a fast check that excludes most names. */
  start: string;
  end: string;
}

type Token =
  | { kind: "byte"; byte: string }
  | { kind: "set"; bytes: ReadonlySet<string> }
  /** `*`: any bytes but `/`. */
  | { kind: "star" }
  /** `**`: any bytes. */
  | { kind: "deep" }
  /** `**` before a `/`: any number of folders, including none. The tokens `deep` and `/` follow. */
  | { kind: "folders" };

/** Longer lines are ignored: paths are shorter, and Nix's regular expressions recurse once per character. */
const MAX_LENGTH = 4096;

const BYTES = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1));
const NO_SLASH = new Set(BYTES.filter((byte) => byte !== "/"));

const CLASSES: Record<string, RegExp> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[^ -~\x80-\xff]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\r]/,
  upper: /[A-Z]/,
  xdigit: /[A-Fa-f0-9]/,
};

/** Text as a byte string. */
export function byteString(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

/** The patterns of a .gitignore file, in the order of its lines. */
export function parseIgnoreFile(content: string): Pattern[] {
  return content
    .replace(/^\xef\xbb\xbf/, "")
    .split(/\r?\n|\r$/)
    .flatMap((line) => parsePattern(line) ?? []);
}

/** Parses a line; undefined if it is empty, a comment, or can match no name. */
export function parsePattern(line: string): Pattern | undefined {
  if (line.length > MAX_LENGTH || line.startsWith("#")) return undefined;
  const trimmed = line.replace(/^((?:[^\\ ]|\\[^]| +(?=[^ ]))*) +$/, "$1");
  const isNegated = trimmed.startsWith("!");
  const whole = isNegated ? trimmed.slice(1) : trimmed;
  const directoriesOnly = whole.endsWith("/");
  const pattern = directoriesOnly ? whole.slice(0, -1) : whole;
  const hasSlash = pattern.includes("/");
  const glob = tokens(pattern.startsWith("/") ? pattern.slice(1) : pattern, hasSlash);
  if (glob === undefined || glob.length === 0) return undefined;
  return { isNegated, directoriesOnly, hasSlash, glob, ...ends(glob) };
}

/**
 * The reason why a pattern can match nothing, as text for the user, and the pattern that is probably meant; undefined if
 * the pattern may match.
 */
export function patternProblem(pattern: string): { reason: string; instead?: string } | undefined {
  if (pattern.includes("\n")) return { reason: "a pattern must be one line" };
  if (pattern.startsWith("#"))
    return { reason: "`#` begins a comment; write `\\\\#` to match the character `#`", instead: `\\${pattern}` };
  if (pattern.split("/").some((part) => part === "." || part === "..")) {
    const reason = "`.` and `..` have no meaning in patterns; begin with `/` to match only in the copied folder itself";
    const instead = pattern.replace(/^(!?)\.\/(?=[^/.])/, "$1/");
    return instead === pattern || patternProblem(instead) !== undefined ? { reason } : { reason, instead };
  }
  return parsePattern(byteString(pattern)) === undefined
    ? { reason: "it is empty or too long, or a `[` has no `]`, or it ends with `\\\\`" }
    : undefined;
}

/** Whether a pattern matches a path, which is relative to the pattern's folder. */
export function matches(pattern: Pattern, path: string, isDirectory: boolean): boolean {
  const { directoriesOnly, hasSlash, glob, start, end } = pattern;
  if (directoriesOnly && !isDirectory) return false;
  const text = hasSlash ? path : path.slice(path.lastIndexOf("/") + 1);
  return text.startsWith(start) && text.endsWith(end) && matchesGlob(glob, text);
}

function ends(glob: Token[]): Pick<Pattern, "start" | "end"> {
  const bytes = glob.map((token) => (token.kind === "byte" ? token.byte : undefined));
  const first = bytes.indexOf(undefined);
  if (first < 0) return { start: bytes.join(""), end: "" };
  const last = bytes.lastIndexOf(undefined);
  // A path that matches `**/` may have no slash, so the byte after `deep` is not required.
  const end = bytes.slice(glob[last]?.kind === "deep" ? last + 2 : last + 1);
  return { start: bytes.slice(0, first).join(""), end: end.join("") };
}

function tokens(pattern: string, hasSlash: boolean): Token[] | undefined {
  const found: Token[] = [];
  const plain = /^[^*?[\\]*/.exec(pattern)?.[0].length ?? 0;
  for (let at = 0; at < pattern.length; at++) {
    const byte = pattern[at] as string;
    if (byte === "*") {
      const start = at;
      while (pattern[at + 1] === "*") at++;
      // git matches the bytes before the first special character separately, so a `**` there counts as the start.
      const isStart = start <= plain || pattern[start - 1] === "/";
      const isEnd = /^(?:$|\\?\/)/.test(pattern.slice(at + 1));
      if (!hasSlash || at === start || !isStart || !isEnd) found.push({ kind: "star" });
      else if (pattern[at + 1] === "/") found.push({ kind: "folders" }, { kind: "deep" });
      else found.push({ kind: "deep" });
    } else if (byte === "?") found.push({ kind: "set", bytes: NO_SLASH });
    else if (byte === "[") {
      const set = bracket(pattern, at + 1);
      if (set === undefined) return undefined;
      found.push({ kind: "set", bytes: set.bytes });
      at = set.end;
    } else if (byte === "\\") {
      at += 1;
      if (at === pattern.length) return undefined;
      found.push({ kind: "byte", byte: pattern[at] as string });
    } else found.push({ kind: "byte", byte });
  }
  return found;
}

/** Parses the set after a `[`. `end`: the index of its `]`. Undefined if the set is not closed or has an unknown class. */
function bracket(pattern: string, from: number): { bytes: ReadonlySet<string>; end: number } | undefined {
  const isNegated = pattern[from] === "!" || pattern[from] === "^";
  const bytes = new Set<string>();
  let previous = "";
  const start = isNegated ? from + 1 : from;
  for (let at = start; at < pattern.length; at++) {
    const byte = pattern[at] as string;
    const next = pattern[at + 1] ?? "";
    if (byte === "]" && at > start) {
      const all = isNegated ? BYTES.filter((each) => !bytes.has(each)) : [...bytes];
      return { bytes: new Set(all.filter((each) => each !== "/")), end: at };
    }
    if (byte === "\\") {
      if (next === "") return undefined;
      bytes.add(next);
      previous = next;
      at += 1;
    } else if (byte === "-" && previous !== "" && next !== "" && next !== "]") {
      at += next === "\\" ? 2 : 1;
      const last = pattern[at];
      if (last === undefined) return undefined;
      for (const each of BYTES) if (each >= previous && each <= last) bytes.add(each);
      previous = "";
    } else if (byte === "[" && next === ":") {
      const close = pattern.indexOf("]", at + 2);
      if (close < 0) return undefined;
      if (close === at + 2 || pattern[close - 1] !== ":") {
        bytes.add("[");
        previous = "[";
        continue;
      }
      const name = pattern.slice(at + 2, close - 1);
      const ofClass = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
      if (ofClass === undefined) return undefined;
      for (const each of BYTES) if (ofClass.test(each)) bytes.add(each);
      previous = "";
      at = close;
    } else {
      bytes.add(byte);
      previous = byte;
    }
  }
  return undefined;
}

/**
 * Backtracks only to the last `*` and the last `**`: the tokens between two stars match at the first possible place,
 * and never have to match later. So no pattern takes exponential time.
 */
function matchesGlob(glob: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  let star = { token: -1, at: 0 };
  let deep = { token: -1, at: 0 };
  while (at < text.length || token < glob.length) {
    const next = glob[token];
    const byte = text[at];
    if (next?.kind === "star") star = { token: token++, at };
    else if (next?.kind === "deep" || next?.kind === "folders") {
      deep = { token: next.kind === "deep" ? token : token + 1, at };
      star.token = -1;
      // `folders` may match no folder: also skip the tokens `deep` and `/` after it.
      token += next.kind === "deep" ? 1 : 3;
    } else if (byte === undefined) return false;
    else if (next !== undefined && (next.kind === "byte" ? next.byte === byte : next.bytes.has(byte))) {
      token++;
      at++;
    } else if (star.token >= 0 && text[star.at] !== "/") {
      at = ++star.at;
      token = star.token + 1;
    } else if (deep.token >= 0) {
      at = ++deep.at;
      token = deep.token + 1;
      star.token = -1;
    } else return false;
  }
  return true;
}
