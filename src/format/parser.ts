// Text to the tree that is printed. Text with a mistake in its form has none: what was not understood cannot be laid out.
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { position } from "../diagnostics/source.ts";
import { parse, type Document, type Source, type Span } from "../language/index.ts";
import { leaves } from "./nodes.ts";

/** The tree of a text, and why it may not be printed. */
export function parseWhole(source: Source): { document: Document; diagnostics: Diagnostic[] } {
  const { document, diagnostics } = parse(source);
  if (diagnostics.length > 0) return { document, diagnostics };
  const lost = uncovered(document, source.text);
  const found = lost && diagnostic("missing-name", { file: source.path, span: lost }, {});
  return { document, diagnostics: found === undefined ? [] : [found] };
}

/** The parser that prettier calls; it says the first mistake, as prettier's own parsers do. */
export function parseForPrettier(text: string): Document {
  const { document, diagnostics } = parseWhole({ path: "", text });
  const [first] = diagnostics;
  if (first === undefined) return document;
  const start = position({ text }, first.span.start);
  throw Object.assign(new SyntaxError(`${first.message} (${start.line}:${start.column})`), { loc: { start } });
}

/** The first stretch of text that is neither in the tree nor a comment nor blank: it would be lost. */
function uncovered(document: Document, text: string): Span | undefined {
  const known = [...leaves(document), ...document.comments].toSorted((left, right) => left.start - right.start);
  let end = 0;
  for (const span of [...known, { start: text.length, end: text.length }]) {
    const gap = text.slice(end, span.start);
    const lost = gap.search(/[^\s\uFEFF]/);
    if (lost >= 0) return { start: end + lost, end: end + gap.trimEnd().length };
    end = Math.max(end, span.end);
  }
  return undefined;
}
