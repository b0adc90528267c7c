// One string, from its opening quote to its closing one, with its escapes resolved.
import type { IToken } from "chevrotain";
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { spanOf } from "./balance.ts";
import { stripIndentation, type RawPart } from "./indentation.ts";
import { tokens } from "./tokens.ts";
import type { Source, Span, StringTerm } from "./tree.ts";

/** What each escape of a quoted string stands for. */
export const escapes: Record<string, string> = { '"': '"', "\\": "\\", $: "$", n: "\n", t: "\t", r: "\r" };

/** A text as a quoted string that reads as that text. */
export function writeString(text: string): string {
  const signs = new Map(Object.entries(escapes).map(([sign, meaning]) => [meaning, `\\${sign}`]));
  return `"${text.replace(/["\\$\n\t\r]/g, (each) => signs.get(each) ?? each)}"`;
}

/** A string of its parts' tokens. */
export function stringTerm(
  source: Source,
  span: Span,
  opening: IToken,
  all: readonly IToken[],
  diagnostics: Diagnostic[],
): StringTerm {
  const [first] = all;
  // What most strings are.
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
      const meaning = escapes[image[1] ?? ""];
      if (meaning === undefined)
        diagnostics.push(diagnostic("unknown-escape", { file: source.path, span: at }, { written: image }));
      text(meaning ?? image, at, true);
    } else if (type === tokens.indentedEscape) text(indentedMeaning(image), at, true);
    else if (type === tokens.interpolation) {
      const inside = image.slice(2, -1).trim();
      if (inside.startsWith("$")) parts.push({ kind: "reference", name: inside.slice(1), span: at });
      else parts.push({ kind: "package", text: inside, span: at });
    } else if (type === tokens.badInterpolation)
      diagnostics.push(diagnostic("bad-interpolation", { file: source.path, span: at }, { written: image }));
    // A file means the same however its lines end.
    else text(image.replaceAll("\r\n", "\n"), at);
  }
  const quoted = opening.tokenType === tokens.openQuote;
  const final = quoted ? parts : stripIndentation(parts);
  return { kind: "string", form: quoted ? "quoted" : "indented", parts: final.map(plain), span };
}

function plain(part: RawPart): StringTerm["parts"][number] {
  return part.kind === "text" ? { kind: "text", text: part.text, span: part.span } : part;
}

function indentedMeaning(image: string): string {
  if (image === "'''") return "''";
  if (image === "''$") return "$";
  return escapes[image.slice(3)] ?? image.slice(3);
}
