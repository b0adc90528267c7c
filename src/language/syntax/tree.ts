/** The syntax tree, with the span of each node. */

import type { Span } from "../../diagnostics/source.ts";

export type { Source, Span } from "../../diagnostics/source.ts";

/** A part of a string; `text` has its escapes resolved. */
export type StringPart =
  | { kind: "text"; text: string; span: Span }
  | { kind: "package"; text: string; span: Span }
  | { kind: "reference"; name: string; span: Span };

export interface StringTerm {
  kind: "string";
  form: "quoted" | "indented";
  parts: StringPart[];
  span: Span;
}

/** `nix ''…''` or `path "…"`: a word that determines the meaning of the string after it. */
export interface ExpressionTerm {
  kind: "expression";
  word: "nix" | "path";
  string: StringTerm;
  span: Span;
}

export interface BlockTerm {
  kind: "block";
  settings: Setting[];
  span: Span;
}

/** A value in the syntax tree. `literal`: a token that starts with a digit or sign, or contains a slash. */
export type Term =
  | { kind: "word"; text: string; span: Span }
  | { kind: "literal"; text: string; span: Span }
  | { kind: "path"; text: string; span: Span }
  | { kind: "operator"; text: string; span: Span }
  | { kind: "reference"; name: string; span: Span }
  | { kind: "list"; items: Term[]; span: Span }
  | StringTerm
  | ExpressionTerm
  | BlockTerm;

/** A name and its values. In a block of entries, the name may be a string. */
export interface Setting {
  name: Term;
  values: Term[];
  span: Span;
}

/** A whole file: `image`, `let`, `param`, `import` and `nixpkgs` are its settings. */
export interface Document {
  settings: Setting[];
  comments: Span[];
  span: Span;
}

/** The span from the start of the first span to the end of the last. */
export function between(first: Span, last: Span): Span {
  return { start: first.start, end: last.end };
}

/** The text of a string without interpolation; undefined for any other term. */
export function plainText(term: Term): string | undefined {
  if (term.kind !== "string") return undefined;
  let text = "";
  for (const part of term.parts) {
    if (part.kind !== "text") return undefined;
    text += part.text;
  }
  return text;
}

/** The text of a setting's name, which is a word or a string. */
export function nameOf(term: Term): string | undefined {
  return term.kind === "word" || term.kind === "literal" ? term.text : plainText(term);
}
