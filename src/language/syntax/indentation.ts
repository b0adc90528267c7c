/** Removes the common indentation of the lines of an indented string, as Nix does. */
import type { StringPart } from "./tree.ts";

/** A part of an indented string. `verbatim`: from an escape, so its blanks are content, not indentation. */
export type RawPart = StringPart & { verbatim?: boolean };

/** Removes the common indentation, and the first line if it is blank. */
export function stripIndentation(parts: RawPart[]): StringPart[] {
  const indent = commonIndent(parts);
  const stripped: StringPart[] = [];
  let atLineStart = true;
  for (const [index, part] of parts.entries()) {
    if (part.kind !== "text" || part.verbatim === true) {
      stripped.push(part);
      atLineStart = false;
      continue;
    }
    let text = part.text;
    if (index === 0) text = text.replace(/^ *\n/, "");
    const lines = text.split("\n");
    const last = index === parts.length - 1;
    const kept = lines.map((line, number) => {
      const starts = number > 0 || atLineStart;
      if (!starts) return line;
      // Blanks before closing quotes on a line of their own are not content.
      if (last && number === lines.length - 1 && /^ *$/.test(line)) return "";
      return line.slice(Math.min(indent, line.length - line.trimStart().length));
    });
    atLineStart = false;
    stripped.push({ kind: "text", text: kept.join("\n"), span: part.span });
  }
  return stripped;
}

function commonIndent(parts: RawPart[]): number {
  let indent = Number.POSITIVE_INFINITY;
  let blanks: number | undefined = 0; // Undefined once the line has another character.
  const content = (): void => {
    if (blanks !== undefined) indent = Math.min(indent, blanks);
    blanks = undefined;
  };
  for (const part of parts) {
    if (part.kind !== "text" || part.verbatim === true) {
      content();
      continue;
    }
    for (const character of part.text) {
      if (character === "\n") blanks = 0;
      else if (character === " " && blanks !== undefined) blanks += 1;
      else content();
    }
  }
  return Number.isFinite(indent) ? indent : 0;
}
