/** Texts in which `¦` marks the cursor. */
import { check, type CheckResult, type Module } from "../../src/language/index.ts";
import { hostOf } from "../language/host.ts";

export interface Marked {
  text: string;
  offset: number;
  result: CheckResult;
  root: Module;
}

export const PATH = "/w/a.imgspec";

/** Checks a text without its mark. `files`: further files, by path. */
export function marked(written: string, files: Record<string, string> = {}): Marked {
  const offset = written.indexOf("¦");
  const text = written.replace("¦", "");
  const result = check({ path: PATH, text }, hostOf(files));
  return { text, offset, result, root: result.root };
}

/** The text of a span. */
export const at = ({ text }: { text: string }, { start, end }: { start: number; end: number }): string =>
  text.slice(start, end);
