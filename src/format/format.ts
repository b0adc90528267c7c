/** Formats a text. A text with a syntax error, or whose meaning formatting would change, stays unchanged. */
import { format as prettierFormat } from "prettier/standalone";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Source } from "../language/index.ts";
import * as plugin from "./index.ts";
import { parseWhole } from "./parser.ts";
import { sameMeaning } from "./same.ts";

export interface Formatted {
  text: string;
  /** Syntax errors. If there are any, the text is unchanged. */
  diagnostics: Diagnostic[];
}

export async function format(source: Source): Promise<Formatted> {
  const { document, diagnostics } = parseWhole(source);
  if (diagnostics.length > 0) return { text: source.text, diagnostics };
  // Prettier takes a lone carriage return for a line end; in the language it is white space or part of a string.
  if (/\r(?!\n)/.test(source.text)) return { text: source.text, diagnostics };
  const text = await prettierFormat(source.text, { parser: "imgspec", plugins: [plugin], endOfLine: "auto" });
  const after = parseWhole({ path: source.path, text });
  const same = sameMeaning({ document, text: source.text }, { document: after.document, text });
  return { text: same ? text : source.text, diagnostics: [] };
}
