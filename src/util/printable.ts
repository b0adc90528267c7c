/**
 * Text of files, names, images and registries, made safe to show. Characters that a terminal obeys, that turn text around or
 * that nobody sees are written as escapes (`\u001b`), and no line starts a command of GitHub's runner (`::error::`).
 */

/** Controls, formats (bidirectional ones, tags) and separators; not the joiners that scripts and emoji need. */
const UNSEEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const RUNNER_COMMAND = /^(\s*)::/gm;

/** For a terminal; lines and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, escaped).replaceAll(RUNNER_COMMAND, String.raw`$1\u003a:`);
}

/** The same on one line: a name, or a sentence with names in it. */
export function printableLine(text: string): string {
  return printable(text.replaceAll("\n", String.raw`\n`).replaceAll("\t", String.raw`\t`));
}

/** A text of as many columns, to stand above marks that point at it. */
export function printableColumns(line: string): string {
  return line.replaceAll(UNSEEN, (character) => "�".repeat(character.length));
}

/** JSON text as it is, but for what a terminal would obey in its strings. */
export function printableJson(json: string): string {
  return json.replaceAll(UNSEEN, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => hexadecimal(character.charCodeAt(i))).join("");
}

function hexadecimal(unit: number): string {
  return String.raw`\u${unit.toString(16).padStart(4, "0")}`;
}
