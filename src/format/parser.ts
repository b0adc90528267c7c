/**
 * Parses a text for printing. A text with a syntax error must not be printed: the parts that are missing from the tree
 * would be lost.
 */
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { position } from "../diagnostics/source.ts";
import { otherLanguage, parse, type Document, type Setting, type Source, type Span } from "../language/index.ts";
import { fileSettings } from "../language/schema/file.ts";
import { nameOf } from "../language/syntax/tree.ts";
import { findSetting } from "../language/types/setting.ts";
import { leaves } from "./nodes.ts";

/** The tree of a text; if there are diagnostics, the tree must not be printed. */
export function parseWhole(source: Source): { document: Document; diagnostics: Diagnostic[] } {
  const { document, diagnostics } = parse(source);
  const foreign = isDeclared(document) && diagnostics.length === 0 ? undefined : languageOf(source, document);
  if (foreign !== undefined) return { document, diagnostics: [foreign] };
  if (diagnostics.length > 0) return { document, diagnostics };
  const lost = uncovered(document, source.text);
  const found = lost && diagnostic("missing-name", { file: source.path, span: lost }, {});
  return { document, diagnostics: found === undefined ? [] : [found] };
}

/** Whether all settings of a file are declarations. Otherwise, the file may be in another language. */
function isDeclared({ settings }: Document): boolean {
  return settings.every(({ name }) => findSetting(fileSettings, nameOf(name) ?? "") !== undefined);
}

/** The diagnostic for a file in another language, which has no images. */
function languageOf(source: Source, { settings }: Document): Diagnostic | undefined {
  const isImage = ({ name, values: [, block] }: Setting): boolean =>
    nameOf(name) === "image" && block?.kind === "block";
  return settings.some(isImage) ? undefined : otherLanguage(source);
}

/** The parser for prettier. Throws the first syntax error, as prettier's own parsers do. */
export function parseForPrettier(text: string): Document {
  const { document, diagnostics } = parseWhole({ path: "", text });
  const [first] = diagnostics;
  if (first === undefined) return document;
  const start = position({ text }, first.span.start);
  throw Object.assign(new SyntaxError(`${first.message} (${start.line}:${start.column})`), { loc: { start } });
}

/** The first span of text that is neither in the tree nor a comment nor blank: printing would lose it. */
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
