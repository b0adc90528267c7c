/**
 * Makes untrusted text safe to print. Terminal controls, bidirectional controls and invisible characters are written as
 * escapes (`\u001b`), and no line has a workflow command of a GitHub runner: `::error::` at its start, or `##[error]` anywhere.
 */

/** Controls, format characters (bidirectional controls, tags) and separators, without the joiners of scripts and emoji. */
const UNSEEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const RUNNER_COMMAND = /^(\s*)::/gm;
const OLD_RUNNER_COMMAND = /##\[/g;

/** Text for a terminal; newlines and tabs are kept. */
export function printable(text: string): string {
  return printableJson(text).replaceAll(RUNNER_COMMAND, String.raw`$1\u003a:`);
}

/** Text for a terminal on one line: a name, or a sentence with names in it. */
export function printableLine(text: string): string {
  return printable(text.replaceAll("\n", String.raw`\n`).replaceAll("\t", String.raw`\t`));
}

/** A name that is not UTF-8, with one character for each byte. Each byte that is not ASCII becomes an escape (`\xff`). */
export function escapedBytes(name: string): string {
  return printableLine(name).replaceAll(/[\x80-\xff]/g, (byte) => String.raw`\x${byte.charCodeAt(0).toString(16)}`);
}

/** Replaces unprintable characters, but keeps the number of columns, so that marks below the text line up. */
export function printableColumns(line: string): string {
  return line.replaceAll(UNSEEN, (character) => "�".repeat(character.length)).replaceAll(OLD_RUNNER_COMMAND, "#�[");
}

/** Escapes those characters in the strings of a JSON text that a terminal or a runner would interpret. */
export function printableJson(json: string): string {
  return json.replaceAll(UNSEEN, escaped).replaceAll(OLD_RUNNER_COMMAND, String.raw`#\u0023[`);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => hexadecimal(character.charCodeAt(i))).join("");
}

function hexadecimal(unit: number): string {
  return String.raw`\u${unit.toString(16).padStart(4, "0")}`;
}
