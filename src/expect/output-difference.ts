/** What a command printed against what it should have, in as few words as show it. */
import { structuredPatch } from "diff";

/** Of a text that is quoted; lines of a difference, and how many of them may change before it is no help. */
const SHOWN = 120;
const LINES = 20;
const EDITS = 400;

export function outputDifference(expected: string, printed: string): string {
  const options = { context: 1, maxEditLength: EDITS };
  const patch = structuredPatch("", "", expected, printed, undefined, undefined, options);
  const isShort = [expected, printed].every((text) => text.length <= SHOWN && !text.trimEnd().includes("\n"));
  if (isShort || patch === undefined) return `stdout ${quoted(expected)}, but it was ${quoted(printed)}`;
  const lines = patch.hunks.flatMap((hunk) => [`from line ${hunk.oldStart}:`, ...hunk.lines.map(cut)]);
  const more = lines.length > LINES ? [`and ${lines.length - LINES} lines more`] : [];
  const shown = [...lines.slice(0, LINES), ...more].map((line) => `\n  ${line}`);
  return `stdout is not what was expected (- expected, + printed)${shown.join("")}`;
}

function cut(line: string): string {
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

function quoted(text: string): string {
  return JSON.stringify(cut(text));
}
