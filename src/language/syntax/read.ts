// Tokens to nested terms. It keeps its own stack, so that no depth of nesting can exhaust the program's, and it never
// fails: a bracket that does not match is reported and then treated as the one that was meant.
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Token } from "./lexer.ts";
import { readString } from "./string.ts";
import { tokenize, tokens } from "./tokens.ts";
import { between, type Source, type Span, type Term } from "./tree.ts";

/** A term whose blocks are not yet divided into settings. */
export type RawTerm = Exclude<Term, { kind: "block" }> | { kind: "braces"; terms: RawTerm[]; span: Span };

/** More than any sensible file needs; what walks the tree may recurse. */
const deepest = 64;

const topLevel = new Set(["image", "let", "param", "import", "nixpkgs"]);

interface Open {
  kind: "list" | "braces";
  start: Span;
  terms: RawTerm[];
}

/** The terms of a whole text, its comments, and what was wrong with its brackets and strings. */
export function read(source: Source): { terms: RawTerm[]; comments: Span[]; diagnostics: Diagnostic[] } {
  const cut = tokenize(source.text);
  const diagnostics: Diagnostic[] = [];
  const root: RawTerm[] = [];
  const stack: Open[] = [];
  const at = (span: Span): { file: string; span: Span } => ({ file: source.path, span });
  const current = (): RawTerm[] => stack.at(-1)?.terms ?? root;

  function close(end: Span): void {
    const open = stack.pop();
    if (open === undefined) return;
    const span = between(open.start, end);
    if (open.kind === "braces") current().push({ kind: "braces", terms: open.terms, span });
    else current().push({ kind: "list", items: listItems(open.terms, at, diagnostics), span });
  }

  function closeUnfinished(open: Open, end: Span): void {
    const parameters = { opening: open.kind === "list" ? "[" : "{", closing: open.kind === "list" ? "]" : "}" };
    diagnostics.push(diagnostic("unclosed-bracket", at(open.start), parameters));
    close(end);
  }

  for (let token = cut.next(); token !== undefined; token = cut.next()) {
    const { span, type } = token;
    if (type === tokens.openQuote || type === tokens.openIndented) {
      current().push(readString(source, token, cut, diagnostics));
    } else if (type === tokens.openList || type === tokens.openBlock) {
      if (stack.length >= deepest) {
        diagnostics.push(diagnostic("nested-too-deep", at(span), { limit: deepest }));
        break;
      }
      stack.push({ kind: type === tokens.openList ? "list" : "braces", start: span, terms: [] });
    } else if (type === tokens.closeList || type === tokens.closeBlock) {
      const kind = type === tokens.closeList ? "list" : "braces";
      const matching = stack.findLastIndex((open) => open.kind === kind);
      if (matching < 0) {
        diagnostics.push(diagnostic("unmatched-bracket", at(span), { written: token.text }));
        continue;
      }
      while (stack.length - 1 > matching) closeUnfinished(stack.at(-1) as Open, { start: span.start, end: span.start });
      close(span);
    } else if (type === tokens.stray) {
      diagnostics.push(diagnostic("unexpected-text", at(span), { written: token.text }));
    } else {
      // A declaration at the start of a line says that what is still open was meant to be closed.
      if (stack.length > 0 && topLevel.has(token.text) && startsLine(source.text, span.start))
        while (stack.length > 0) closeUnfinished(stack.at(-1) as Open, { start: span.start, end: span.start });
      current().push(simpleTerm(token));
    }
  }
  const end = { start: source.text.length, end: source.text.length };
  const tooDeep = diagnostics.some((found) => found.code === "nested-too-deep");
  while (stack.length > 0)
    if (tooDeep) close(end);
    else closeUnfinished(stack.at(-1) as Open, end);
  return { terms: root, comments: [...cut.comments], diagnostics };
}

function startsLine(text: string, offset: number): boolean {
  return offset === 0 || text[offset - 1] === "\n";
}

function simpleTerm({ type, text, span }: Token): RawTerm {
  switch (type) {
    case tokens.word:
      return { kind: "word", text, span };
    case tokens.path:
      return { kind: "path", text, span };
    case tokens.operator:
      return { kind: "operator", text, span };
    case tokens.reference:
      return { kind: "reference", name: text.slice(1), span };
    default:
      return { kind: "literal", text, span };
  }
}

/** Joins `nix` and `path` with their strings, at `index`; undefined where neither stands. */
export function expressionAt(terms: readonly RawTerm[], index: number): RawTerm | undefined {
  const [word, string] = [terms[index], terms[index + 1]];
  if (word?.kind !== "word" || string?.kind !== "string") return undefined;
  if (word.text !== "nix" && word.text !== "path") return undefined;
  return { kind: "expression", word: word.text, string, span: between(word.span, string.span) };
}

function listItems(
  terms: RawTerm[],
  at: (span: Span) => { file: string; span: Span },
  diagnostics: Diagnostic[],
): Term[] {
  const items: Term[] = [];
  for (let index = 0; index < terms.length; index += 1) {
    const joined = expressionAt(terms, index);
    const term = joined ?? (terms[index] as RawTerm);
    if (joined !== undefined) index += 1;
    if (term.kind === "braces") diagnostics.push(diagnostic("block-in-list", at(term.span), {}));
    else items.push(term);
  }
  return items;
}
