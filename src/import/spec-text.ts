/** An imported description and its text in the imgspec language; the formatter lays the text out afterwards. */
import { writeString } from "../language/index.ts";

export interface ImportedSpec {
  /** Comments at the top of the file. */
  notes: string[];
  /** Nix expressions that are bound to names. */
  lets: { name: string; code: string; notes: string[] }[];
  images: ImportedImage[];
}

export interface ImportedImage {
  name: string;
  settings: Setting[];
}

/**
 * A setting of a block, with comments. Without `text`, only a comment, about a part of the original that has no
 * setting.
 */
export interface Setting {
  /** Comments before the setting. */
  notes?: string[];
  /** In the syntax of the language: `tag "v1"`, `"/app" copy ./src`; a block if there are `settings`. */
  text?: string;
  settings?: Setting[];
}

export function specText({ notes, lets, images }: ImportedSpec): string {
  const head = notes.map(comment).join("");
  const bindings = lets
    .map(({ name, code, notes: above }) => `${above.map(comment).join("")}let ${name} = ${writeCode(code)}\n\n`)
    .join("");
  const blocks = images.map(
    ({ name, settings }) => `image ${writeString(name)} {\n${settings.map(settingText).join("\n")}}\n`,
  );
  return `${head}\n${bindings}${blocks.join("\n")}`;
}

/** Code between the quotes of `nix ''…''`. */
function writeCode(code: string): string {
  return `nix ''${code.replaceAll("''", "'''").replaceAll("${", "''${")}''`;
}

export function writeList(values: string[]): string {
  return `[ ${values.map(writeString).join(" ")} ]`;
}

function settingText({ notes = [], text, settings }: Setting): string {
  const above = notes.map(comment).join("");
  if (text === undefined) return above;
  const block = settings === undefined ? "" : ` {\n${settings.map(settingText).join("")}}`;
  return `${above}${text}${block}\n`;
}

function comment(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `# ${line.replaceAll(/\p{Cc}/gu, " ").trimEnd()}\n`)
    .join("");
}
