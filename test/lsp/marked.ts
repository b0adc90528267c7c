/** Texts with `¦` where the cursor is, for the features that answer for a text and an offset. */
import { check, type CheckResult, type Module } from "../../src/language/index.ts";
import { hostOf } from "../language/host.ts";

export interface Marked {
  text: string;
  offset: number;
  result: CheckResult;
  root: Module;
}

export const PATH = "/w/a.imgspec";

/** A checked text and the offset of its mark; `files` are there to be imported. */
export function marked(written: string, files: Record<string, string> = {}): Marked {
  const offset = written.indexOf("¦");
  const text = written.replace("¦", "");
  const result = check({ path: PATH, text }, hostOf(files));
  return { text, offset, result, root: result.root };
}

/** What stands at a span. */
export const at = ({ text }: { text: string }, { start, end }: { start: number; end: number }): string =>
  text.slice(start, end);
