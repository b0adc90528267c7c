/**
 * Finds the relative paths in the user's Nix code: they must be resolved, since the code moves to another file. Follows
 * Nix's lexer as far as needed to tell paths from strings, comments, URLs and names.
 */
import type { Code } from "../language/schema/spec.ts";
import { resolveIn } from "../util/absolute-path.ts";
import { isPlainPath } from "./print.ts";
import type { Nix } from "./nix-syntax.ts";

/** A relative path as in the user's code. For a path with an interpolation, only the folders before the interpolation. */
export interface CodePath {
  path: string;
  isInterpolated: boolean;
}

type Mode = { kind: "code"; braces: number } | { kind: "string" | "indented" | "path" };

const COMMENT = /#[^\n\r]*|\/\*(?:[^]*?\*\/|[^]*)/y;
const URL = /[A-Za-z][A-Za-z0-9+.-]*:[\w%/?:@&=+$,.!~*'-]+/y;
const NAME = /[A-Za-z_][\w'-]*/y;
const OTHER_PATH = /<[\w.+-]+(?:\/[\w.+-]+)*>|~(?:\/[\w.+-]+)+|\/\//y;
/** Skips a run of characters that can begin a path but did not match one, or any other single character. */
const NO_PATH = /[\d.+-]+|[^]/y;
const PATH = /[\w.+-]*(?:\/[\w.+-]+)+\/?/y;
/** The part of a path before its first interpolation. */
const BEFORE = /[\w.+-]*(?:\/[\w.+-]+)*\/?(?=\$\{)/y;
const PATH_REST = /[\w.+/-]*/y;
/** Text of a string up to its end or its next interpolation. */
const STRING_TEXT = /(?:[^$"\\]|\\[^]|\$(?!\{)(?:[^"\\]|\\[^])?)+/y;
const INDENTED_TEXT = /(?:[^$']|\$(?!\{)[^']?|''(?:[$']|\\[^])|'(?!'))+/y;

/** The user's code as a tree, with absolute paths in place of relative ones. `scope`: a set whose attributes are in scope. */
export function userCode({ nix, directory }: Code, scope?: string): Nix {
  const pieces = splitPaths(nix.trim()).map((piece): string | Nix => {
    if (typeof piece === "string") return piece;
    const path = resolveIn(directory, piece.path);
    // A path with special characters is printed as an expression, which an interpolation cannot follow, so it stays
    // relative.
    return piece.isInterpolated && !isPlainPath(path) ? piece.path : { kind: "path", path };
  });
  return { kind: "code", pieces, ...(scope === undefined ? {} : { scope }) };
}

/** Splits code at its relative paths. The pieces, joined, are the code. */
export function splitPaths(code: string): (string | CodePath)[] {
  const pieces: (string | CodePath)[] = [];
  const modes: Mode[] = [{ kind: "code", braces: 0 }];
  let at = 0;
  let done = 0;
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(code)?.[0] ?? "";
  };
  const push = (path: string, isInterpolated: boolean) => {
    const start = at;
    at += path.length;
    // Nix rejects a path that ends with a slash.
    if (path === "" || path.startsWith("/") || path.endsWith("/")) return;
    pieces.push(code.slice(done, start), { path, isInterpolated });
    done = at;
  };
  const enter = (mode: Mode, length: number) => {
    modes.push(mode);
    at += length;
  };
  const inCode = (mode: { braces: number }) => {
    const comment = match(COMMENT);
    const before = match(BEFORE);
    const path = match(PATH);
    const other = [URL, NAME, OTHER_PATH].map(match).reduce((a, b) => (b.length > a.length ? b : a));
    if (comment !== "") at += comment.length;
    else if (before.includes("/") && before.length >= other.length) {
      push(before.slice(0, before.lastIndexOf("/")), true);
      enter({ kind: "path" }, 0);
    } else if (path.length > other.length) push(path, false);
    else if (other !== "") at += other.length;
    else if (code.startsWith("''", at)) enter({ kind: "indented" }, 2);
    else if (code[at] === '"') enter({ kind: "string" }, 1);
    else if (code.startsWith("${", at)) enter({ kind: "code", braces: 0 }, 2);
    else {
      if (code[at] === "}" && mode.braces === 0 && modes.length > 1) modes.pop();
      if (code[at] === "{") mode.braces++;
      if (code[at] === "}") mode.braces--;
      at += match(NO_PATH).length;
    }
  };
  while (at < code.length) {
    const mode = modes.at(-1) as Mode;
    if (mode.kind === "code") {
      inCode(mode);
      continue;
    }
    at += match({ string: STRING_TEXT, indented: INDENTED_TEXT, path: PATH_REST }[mode.kind]).length;
    if (code.startsWith("${", at)) enter({ kind: "code", braces: 0 }, 2);
    else {
      modes.pop();
      at += { string: 1, indented: 2, path: 0 }[mode.kind];
    }
  }
  return [...pieces, code.slice(done)];
}
