/** Environment variables: a value, or an extension of the base's value. */
import * as z from "zod/mini";
import { optionalWord, sequence } from "../types/combine.ts";
import { nameKey, record } from "../types/entries.ts";
import { replacement, termText } from "../types/scalar.ts";
import { text } from "../types/text.ts";
import { writeString } from "../syntax/string.ts";
import { nameOf, plainText, type Term } from "../syntax/tree.ts";
import type { Cursor, Scope, Type } from "../types/type.ts";
import { once, textSchema, type Text } from "../types/values.ts";

/** A variable's value, or the text to join with a colon before or after the base's value. */
export type EnvSpec = Text | { prepend: Text } | { append: Text };

const envSchema: () => z.ZodMiniType<EnvSpec> = once(() =>
  z.union([textSchema(), z.strictObject({ prepend: textSchema() }), z.strictObject({ append: textSchema() })]),
);

/** A reference to a variable in shell syntax. An escaped `$` is a separate part of the string, so it does not match. */
const USE = /\$[A-Za-z_]\w*/;

const value = sequence([optionalWord("prepend", "append"), text], envSchema, (place, read): EnvSpec => {
  if (place === null) return read;
  return place === "prepend" ? { prepend: read } : { append: read };
});

const variable: Type<EnvSpec> = {
  ...value,
  label: "a string, or `prepend` or `append` and a string",
  starts: (term) => value.starts(term) || text.starts(term),
  read(cursor, scope) {
    for (const term of cursor.terms) {
      reportUse(term, cursor, scope);
      reportEmptyEntry(term, cursor, scope);
    }
    return value.read(cursor, scope);
  },
};

/** Warns of `$PATH` in a value: no shell expands variables there. */
function reportUse(term: Term, { owner, terms }: Cursor, scope: Scope): void {
  if (term.kind !== "string") return;
  const uses = term.parts.flatMap((part) => (part.kind === "text" ? (USE.exec(part.text)?.[0] ?? []) : []));
  const [use] = uses;
  if (use === undefined) return;
  const extension = terms.length === 1 ? extensionOf(plainText(term) ?? "", `$${nameOf(owner)}`) : undefined;
  const fix = extension === undefined ? undefined : replacement(scope, term.span, extension);
  scope.report("literal-dollar", term.span, { name: termText(owner), use }, { fix });
}

/** Lists of folders in which programs and libraries are searched. An empty entry is the current folder. */
const SEARCH_PATHS = new Set(["PATH", "LD_LIBRARY_PATH"]);

/** Warns of a colon at the start or end of a search path, or after another one: each makes an empty entry. */
function reportEmptyEntry(term: Term, { owner }: Cursor, scope: Scope): void {
  const name = nameOf(owner) ?? "";
  if (term.kind !== "string" || !SEARCH_PATHS.has(name)) return;
  const characters = term.parts.flatMap((part) => {
    if (part.kind !== "text") return [{ character: "x", at: undefined }];
    // After an escape, the offsets in the text and in the file differ.
    const isExact = part.text.length === part.span.end - part.span.start;
    return Array.from({ length: part.text.length }, (_, i) => ({
      character: part.text[i],
      at: isExact ? part.span.start + i : undefined,
    }));
  });
  const last = characters.findLastIndex(({ character }) => character !== ":");
  const isUnneeded = (i: number): boolean => i === 0 || i > last || characters[i - 1]?.character === ":";
  const unneeded = characters.filter(({ character }, i) => character === ":" && isUnneeded(i));
  if (unneeded.length === 0) return;
  const offsets = unneeded.flatMap(({ at }) => at ?? []);
  const edits = offsets.map((start) => ({ file: scope.file, span: { start, end: start + 1 }, text: "" }));
  const title = unneeded.length === 1 ? "remove the colon" : "remove the colons";
  const fix = edits.length === unneeded.length ? { title, edits } : undefined;
  scope.report("empty-entry", term.span, { name, count: unneeded.length }, { fix });
}

/** `prepend "/app/bin"` for `/app/bin:$PATH`. */
function extensionOf(content: string, self: string): string | undefined {
  const parts = content.split(":");
  if (parts.length < 2 || parts.filter((part) => part.includes("$")).length !== 1) return undefined;
  if (parts.at(-1) === self) return `prepend ${writeString(parts.slice(0, -1).join(":"))}`;
  return parts[0] === self ? `append ${writeString(parts.slice(1).join(":"))}` : undefined;
}

const isVariableName = (name: string): boolean => name !== "" && !/[=\0]/.test(name);

const variableName = nameKey(
  (name, term, scope) => {
    if (isVariableName(name)) return true;
    scope.report("bad-variable-name", term.span, { input: name });
    return false;
  },
  ["not empty, and without `=`"],
);

export const env = record(variable, { ...variableName, isValid: isVariableName });
