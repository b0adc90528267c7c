// One string, from its opening quote to its closing one, with its escapes resolved.
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { stripIndentation, type RawPart } from "./indentation.ts";
import type { Cut, Token } from "./lexer.ts";
import { tokens } from "./tokens.ts";
import type { Source, Span, StringTerm } from "./tree.ts";

/** What each escape of a quoted string stands for. */
export const escapes: Record<string, string> = { '"': '"', "\\": "\\", $: "$", n: "\n", t: "\t", r: "\r" };

/** Reads a string from what follows its opening quote. */
export function readString(source: Source, opening: Token, cut: Cut, diagnostics: Diagnostic[]): StringTerm {
  const quoted = opening.type === tokens.openQuote;
  const parts: RawPart[] = [];
  let closed = false;
  let end = opening.span.end;

  function text(value: string, span: Span, verbatim = false): void {
    const last = parts.at(-1);
    if (last?.kind === "text" && (last.verbatim ?? false) === verbatim) {
      last.text += value;
      last.span = { start: last.span.start, end: span.end };
    } else parts.push({ kind: "text", text: value, span, verbatim });
  }

  while (!closed) {
    const token = cut.next();
    if (token === undefined || token.type === tokens.lineEnd) break;
    const { span, type } = token;
    const place = { file: source.path, span };
    end = span.end;
    if (type === tokens.closeQuote || type === tokens.closeIndented) closed = true;
    else if (type === tokens.escape) {
      const meaning = escapes[token.text[1] ?? ""];
      if (meaning === undefined) diagnostics.push(diagnostic("unknown-escape", place, { written: token.text }));
      text(meaning ?? token.text, span, true);
    } else if (type === tokens.indentedEscape) text(indentedMeaning(token.text), span, true);
    else if (type === tokens.interpolation) {
      const inside = token.text.slice(2, -1).trim();
      if (inside.startsWith("$")) parts.push({ kind: "reference", name: inside.slice(1), span });
      else parts.push({ kind: "package", text: inside, span });
    } else if (type === tokens.badInterpolation)
      diagnostics.push(diagnostic("bad-interpolation", place, { written: token.text }));
    // A file means the same however its lines end.
    else text(token.text.replaceAll("\r\n", "\n"), span);
  }
  const span = { start: opening.span.start, end };
  if (!closed) {
    const place = { file: source.path, span: quoted ? span : { start: span.start, end: span.start + 2 } };
    diagnostics.push(diagnostic("unclosed-string", place, { quote: opening.text }));
  }
  const form = quoted ? "quoted" : "indented";
  const final = quoted ? parts : stripIndentation(parts);
  return { kind: "string", form, parts: final.map(plain), span };
}

function plain(part: RawPart): StringTerm["parts"][number] {
  return part.kind === "text" ? { kind: "text", text: part.text, span: part.span } : part;
}

function indentedMeaning(image: string): string {
  if (image === "'''") return "''";
  if (image === "''$") return "$";
  return escapes[image.slice(3)] ?? image.slice(3);
}
