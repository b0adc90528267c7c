/** Formats a file, or a range of it, as edits of whole lines. */
import { structuredPatch } from "diff";
import { applyEdits, type Edit } from "../fixes/index.ts";
import { format } from "../format/format.ts";
import { parseWhole } from "../format/parser.ts";
import { sameMeaning } from "../format/same.ts";
import type { Source, Span } from "../language/index.ts";

/** Above this number of changed lines, the whole text is replaced: computing the smallest diff would take too long. */
const MAX_EDIT_LENGTH = 500;

/**
 * The edits that format a text. With `within`, only the edits that touch that span, unless these alone would change the
 * meaning.
 */
export async function formatEdits(source: Source, within?: Span): Promise<Edit[]> {
  const { text } = await format(source);
  if (text === source.text) return [];
  const edits = lineEdits(source.text, text);
  if (within === undefined) return edits;
  const some = edits.filter(({ span }) => span.start <= within.end && span.end >= within.start);
  const parsed = (each: string) => ({ ...parseWhole({ ...source, text: each }), text: each });
  const partly = parsed(applyEdits(source.text, some));
  return partly.diagnostics.length === 0 && sameMeaning(parsed(source.text), partly) ? some : edits;
}

function lineEdits(before: string, after: string): Edit[] {
  const patch = structuredPatch("", "", before, after, undefined, undefined, {
    maxEditLength: MAX_EDIT_LENGTH,
    context: 0,
  });
  if (patch === undefined) return [{ span: { start: 0, end: before.length }, text: after }];
  const starts = [0, ...Array.from(before.matchAll(/\n/g), ({ index }) => index + 1)];
  const offset = (line: number): number => starts[line] ?? before.length;
  let moved = 0;
  const result = [...after.matchAll(/[^\n]*\n|[^\n]+$/g)].map(([line]) => line);
  const edit = (line: number, oldLines: number, newLines: number): Edit => ({
    span: { start: offset(line), end: offset(line + oldLines) },
    text: result.slice(line + moved, line + moved + newLines).join(""),
  });
  return patch.hunks.flatMap(({ oldStart, oldLines, newLines }) => {
    const first = oldStart - 1;
    // If the number of lines is the same, each line is one edit, so that a range selects single lines.
    const edits =
      oldLines === newLines
        ? Array.from({ length: oldLines }, (_, index) => edit(first + index, 1, 1))
        : [edit(first, oldLines, newLines)];
    moved += newLines - oldLines;
    return edits;
  });
}
