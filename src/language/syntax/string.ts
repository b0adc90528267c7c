/** Makes a string term from its tokens, with escapes resolved. */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { stripIndentation, type RawPart } from "./indentation.ts";
import { tokens as types, type Tokens } from "./tokens.ts";
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

/** The term of a string. `content`: the tokens between the quotes. */
export function stringTerm(
  source: Source,
  span: Span,
  content: { tokens: Tokens; start: number; end: number },
  isQuoted: boolean,
  diagnostics: Diagnostic[],
): StringTerm {
  const { tokens, start, end } = content;
  // The most common case, a string without escapes and interpolations, needs no copies.
  if (end === start + 1 && tokens.type(start) === types.quotedText) {
    const only = { start: tokens.start(start), end: tokens.end(start) };
    return { kind: "string", form: "quoted", parts: [{ kind: "text", text: tokens.image(start), span: only }], span };
  }
  const parts: RawPart[] = [];

  function text(value: string, at: Span, verbatim = false): void {
    const last = parts.at(-1);
    if (last?.kind === "text" && (last.verbatim ?? false) === verbatim) {
      last.text += value;
      last.span = { start: last.span.start, end: at.end };
    } else parts.push({ kind: "text", text: value, span: at, verbatim });
  }

  for (let index = start; index < end; index++) {
    const type = tokens.type(index);
    const image = tokens.image(index);
    const at = { start: tokens.start(index), end: tokens.end(index) };
    if (type === types.escape) {
      const character = ESCAPES[image[1] ?? ""];
      if (character === undefined) diagnostics.push(unknownEscape(source, at, image));
      text(character ?? image, at, true);
    } else if (type === types.indentedEscape) text(indentedEscape(image), at, true);
    else if (type === types.interpolation) {
      const inside = image.slice(2, -1).trim();
      if (inside.startsWith("$")) parts.push({ kind: "reference", name: inside.slice(1), span: at });
      else parts.push({ kind: "package", text: inside, span: at });
    } else if (type === types.badInterpolation)
      diagnostics.push(diagnostic("bad-interpolation", { file: source.path, span: at }, { input: image }));
    // CRLF and LF line ends give the same string.
    else text(image.replaceAll("\r\n", "\n"), at);
  }
  const final = isQuoted ? parts : stripIndentation(parts);
  return { kind: "string", form: isQuoted ? "quoted" : "indented", parts: final.map(plain), span };
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
