/** Describes the difference between the expected and the actual output of a command, briefly. */
import { structuredPatch } from "diff";

/** Limit in characters of a quoted text or line. */
const MAX_QUOTED = 120;
/** Limit of lines of a difference. */
const MAX_LINES = 20;
/**
 * Limit of changed lines. With more changes, the texts are quoted instead, as a line-by-line difference would not help.
 */
const MAX_EDITS = 400;

export function outputDifference(expected: string, printed: string): string {
  const options = { context: 1, maxEditLength: MAX_EDITS };
  const patch = structuredPatch("", "", expected, printed, undefined, undefined, options);
  const isShort = [expected, printed].every((text) => text.length <= MAX_QUOTED && !text.trimEnd().includes("\n"));
  if (isShort || patch === undefined) return `stdout ${quoted(printed)}, expected ${quoted(expected)}`;
  const lines = patch.hunks.flatMap((hunk) => [`from line ${hunk.oldStart}:`, ...hunk.lines.map(cut)]);
  const more = lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} lines more`] : [];
  const listed = [...lines.slice(0, MAX_LINES), ...more].map((line) => `\n  ${line}`);
  return `stdout differs (- expected, + printed)${listed.join("")}`;
}

function cut(line: string): string {
  return line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line;
}

function quoted(text: string): string {
  return JSON.stringify(cut(text));
}
