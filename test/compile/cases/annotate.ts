/** Prints a source with its syntax tree: under each line, the nodes that start there. */
import { position } from "../../../src/diagnostics/source.ts";
import type { Document, Setting, Source, Span, StringTerm, Term } from "../../../src/language/index.ts";

export function annotate(source: Source, document: Document): string {
  const sourceLines = source.text.split("\n");
  const lines = sourceLines.map((line) => [`  ${line}`]);
  const mark = (span: Span, label: string): void => {
    const { line, column } = position(source, span.start);
    const rest = (sourceLines[line - 1] ?? "").length - column + 1;
    const carets = "^".repeat(Math.max(1, Math.min(span.end - span.start, rest)));
    lines[line - 1]?.push(`#@${" ".repeat(column - 1)}${carets} ${label}`);
  };
  const setting = ({ name, values }: Setting): void => {
    mark(name.span, `setting of ${values.length} ${values.length === 1 ? "value" : "values"}`);
    values.forEach(term);
  };
  const term = (each: Term): void => {
    if (each.kind === "block") each.settings.forEach(setting);
    else if (each.kind === "list") {
      mark(each.span, `list of ${each.items.length}`);
      each.items.forEach(term);
    } else if (each.kind === "string") mark(each.span, `string ${stringText(each)}`);
    else mark(each.span, each.kind);
  };
  document.settings.forEach(setting);
  return lines.flat().join("\n");
}

/** The text of a string, with interpolations in braces. */
function stringText({ parts }: StringTerm): string {
  const text = parts.map((part) => {
    if (part.kind === "text") return part.text;
    return part.kind === "package" ? `{package ${part.text}}` : `{binding ${part.name}}`;
  });
  return JSON.stringify(text.join(""));
}
