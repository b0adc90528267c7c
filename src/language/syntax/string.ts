/** Makes a string term from its tokens, with escapes resolved. */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { spanOf } from "./balance.ts";
import { stripIndentation, type RawPart } from "./indentation.ts";
import { tokens, type Token } from "./tokens.ts";
import type { Source, Span, StringTerm } from "./tree.ts";

/** The characters of the escapes in quoted strings, by the character after the backslash. */
export const ESCAPES: Record<string, string> = { '"': '"', "\\": "\\", $: "$", n: "\n", t: "\t", r: "\r" };

/** Writes a text as a quoted string, with escapes. */
export function writeString(text: string): string {
  const escaped = new Map(Object.entries(ESCAPES).map(([letter, character]) => [character, `\\${letter}`]));
  return `"${text.replace(/["\\$\n\t\r]/g, (each) => escaped.get(each) ?? each)}"`;
}

/** Writes a path, in quotes unless all its characters are plain. */
export function writePath(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `path ${writeString(path)}`;
}

/** The term of a string. `all`: the tokens between the quotes. */
export function stringTerm(
  source: Source,
  span: Span,
  opening: Token,
  all: readonly Token[],
  diagnostics: Diagnostic[],
): StringTerm {
  const [first] = all;
  // The most common case, a string without escapes and interpolations, needs no copies.
  if (all.length === 1 && first?.tokenType === tokens.quotedText)
    return { kind: "string", form: "quoted", parts: [{ kind: "text", text: first.image, span: spanOf(first) }], span };
  const parts: RawPart[] = [];

  function text(value: string, at: Span, verbatim = false): void {
    const last = parts.at(-1);
    if (last?.kind === "text" && (last.verbatim ?? false) === verbatim) {
      last.text += value;
      last.span = { start: last.span.start, end: at.end };
    } else parts.push({ kind: "text", text: value, span: at, verbatim });
  }

  for (const token of all) {
    const { tokenType: type, image } = token;
    const at = spanOf(token);
    if (type === tokens.escape) {
      const character = ESCAPES[image[1] ?? ""];
      if (character === undefined) diagnostics.push(unknownEscape(source, at, image));
      text(character ?? image, at, true);
    } else if (type === tokens.indentedEscape) text(indentedEscape(image), at, true);
    else if (type === tokens.interpolation) {
      const inside = image.slice(2, -1).trim();
      if (inside.startsWith("$")) parts.push({ kind: "reference", name: inside.slice(1), span: at });
      else parts.push({ kind: "package", text: inside, span: at });
    } else if (type === tokens.badInterpolation)
      diagnostics.push(diagnostic("bad-interpolation", { file: source.path, span: at }, { input: image }));
    // CRLF and LF line ends give the same string.
    else text(image.replaceAll("\r\n", "\n"), at);
  }
  const quoted = opening.tokenType === tokens.openQuote;
  const final = quoted ? parts : stripIndentation(parts);
  return { kind: "string", form: quoted ? "quoted" : "indented", parts: final.map(plain), span };
}

function unknownEscape({ path }: Source, span: Span, input: string): Diagnostic {
  const edits = [{ file: path, span: { start: span.start, end: span.start }, text: "\\" }];
  return diagnostic("unknown-escape", { file: path, span }, { input }, { choices: [{ title: "write `\\\\`", edits }] });
}

function plain(part: RawPart): StringTerm["parts"][number] {
  return part.kind === "text" ? { kind: "text", text: part.text, span: part.span } : part;
}

function indentedEscape(image: string): string {
  if (image === "'''") return "''";
  if (image === "''$") return "$";
  return ESCAPES[image.slice(3)] ?? image.slice(3);
}
