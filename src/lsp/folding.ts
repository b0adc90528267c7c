/** Finds foldable ranges: brackets, strings over several lines, runs of comments and imports. */
import type { Document, Module, Span } from "../language/index.ts";
import { terms } from "./walk.ts";

export interface Fold {
  span: Span;
  kind: "region" | "comment" | "imports";
}

export function folds({ document, source: { text } }: Module): Fold[] {
  const found: Fold[] = [];
  for (const { kind, span } of terms(document.settings))
    if (kind === "block" || kind === "list" || kind === "string") found.push({ span, kind: "region" });
  found.push(...runs(document.comments, text).map((span): Fold => ({ span, kind: "comment" })));
  found.push(...runs(imports(document), text).map((span): Fold => ({ span, kind: "imports" })));
  return found.filter(({ span }) => text.slice(span.start, span.end).includes("\n"));
}

function imports({ settings }: Document): Span[] {
  return settings.filter(({ name }) => name.kind === "word" && name.text === "import").map(({ span }) => span);
}

/** Joins spans that only blanks and one line break separate. */
function runs(spans: readonly Span[], text: string): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last !== undefined && /^[ \t\r]*\n[ \t]*$/.test(text.slice(last.end, span.start))) last.end = span.end;
    else joined.push({ ...span });
  }
  return joined;
}
