/** Parses text to a syntax tree. Never fails: syntax errors are diagnostics, and the tree has the rest. */
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { fileSettings } from "../schema/file.ts";
import { arrange } from "./arrange.ts";
import { joinKinds } from "../syntax/foreign-syntax.ts";
import { read } from "../syntax/read.ts";
import type { Document, Source } from "../syntax/tree.ts";

/** Parses a whole file. */
export function parse(source: Source): { document: Document; diagnostics: Diagnostic[] } {
  const { terms, comments, diagnostics } = read(source);
  const found = new Map(diagnostics.map((each) => [each.span.start, each]));
  const hasConcatenation = diagnostics.some(({ code }) => code === "concatenation");
  const context = { source, diagnostics, found, hasConcatenation, explained: new Set<Diagnostic>() };
  const settings = arrange(terms, { kind: "settings", settings: () => fileSettings }, context);
  const unexplained = diagnostics.filter((each) => !context.explained.has(each));
  const joined = joinKinds(unexplained).toSorted((a, b) => a.span.start - b.span.start);
  return { document: { settings, comments, span: { start: 0, end: source.text.length } }, diagnostics: joined };
}
