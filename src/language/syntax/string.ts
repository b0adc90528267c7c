// One string, from its opening quote to its closing one, with its escapes resolved.
import type { IToken } from "chevrotain";
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { stripIndentation, type RawPart } from "./indentation.ts";
import { tokens } from "./tokens.ts";
import type { Source, Span, StringTerm } from "./tree.ts";

/** What each escape of a quoted string stands for. */
export const escapes: Record<string, string> = { '"': '"', "\\": "\\", $: "$", n: "\n", t: "\t", r: "\r" };

/** Reads the string whose opening quote is token `start`; `next` is the first token after it. */
export function readString(
  source: Source,
  all: IToken[],
  start: number,
): { term: StringTerm; next: number; diagnostics: Diagnostic[] } {
  const opening = all[start] as IToken;
  const quoted = opening.tokenType === tokens.openQuote;
  const diagnostics: Diagnostic[] = [];
  const parts: RawPart[] = [];
  let closed = false;
  let end = opening.startOffset + opening.image.length;
  let next = start + 1;

  function text(value: string, span: Span, verbatim = false): void {
    const last = parts.at(-1);
    if (last?.kind === "text" && (last.verbatim ?? false) === verbatim) {
      last.text += value;
      last.span = { start: last.span.start, end: span.end };
    } else parts.push({ kind: "text", text: value, span, verbatim });
  }

  for (; next < all.length && !closed; next += 1) {
    const token = all[next] as IToken;
    const span = { start: token.startOffset, end: token.startOffset + token.image.length };
    const place = { file: source.path, span };
    const type = token.tokenType;
    if (type === tokens.lineEnd) {
      next += 1;
      break;
    }
    end = span.end;
    if (type === tokens.closeQuote || type === tokens.closeIndented) closed = true;
    else if (type === tokens.escape) {
      const meaning = escapes[token.image[1] ?? ""];
      if (meaning === undefined) diagnostics.push(diagnostic("unknown-escape", place, { written: token.image }));
      text(meaning ?? token.image, span, true);
    } else if (type === tokens.indentedEscape) text(indentedMeaning(token.image), span, true);
    else if (type === tokens.interpolation) {
      const inside = token.image.slice(2, -1).trim();
      if (inside.startsWith("$")) parts.push({ kind: "reference", name: inside.slice(1), span });
      else parts.push({ kind: "package", text: inside, span });
    } else if (type === tokens.badInterpolation)
      diagnostics.push(diagnostic("bad-interpolation", place, { written: token.image }));
    // A file means the same however its lines end.
    else text(token.image.replaceAll("\r\n", "\n"), span);
  }
  const span = { start: opening.startOffset, end };
  if (!closed) {
    const place = { file: source.path, span: quoted ? span : { start: span.start, end: span.start + 2 } };
    diagnostics.push(diagnostic("unclosed-string", place, { quote: opening.image }));
  }
  const form = quoted ? "quoted" : "indented";
  const final = quoted ? parts : stripIndentation(parts);
  return { term: { kind: "string", form, parts: final.map(plain), span }, next, diagnostics };
}

function plain(part: RawPart): StringTerm["parts"][number] {
  return part.kind === "text" ? { kind: "text", text: part.text, span: part.span } : part;
}

function indentedMeaning(image: string): string {
  if (image === "'''") return "''";
  if (image === "''$") return "$";
  return escapes[image.slice(3)] ?? image.slice(3);
}
