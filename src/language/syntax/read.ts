// Text to nested terms. It never fails: what is wrong with brackets, strings and characters is reported and made good.
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { balance, spanOf } from "./balance.ts";
import { grammar } from "./grammar.ts";
import type { RawTerm } from "./terms.ts";
import { tokenize } from "./tokens.ts";
import type { Source, Span } from "./tree.ts";

/** The terms of a whole text, its comments, and what was wrong with its brackets and strings. */
export function read(source: Source): { terms: RawTerm[]; comments: Span[]; diagnostics: Diagnostic[] } {
  const { tokens, comments } = tokenize(source.text);
  const diagnostics: Diagnostic[] = [];
  const parser = grammar();
  parser.source = source;
  parser.diagnostics = diagnostics;
  parser.input = balance(source, tokens, diagnostics);
  const terms = parser.file();
  const [broken] = parser.errors;
  if (broken !== undefined) throw new Error(`balanced tokens do not follow the grammar: ${broken.message}`);
  return { terms, comments: comments.map(spanOf), diagnostics };
}
