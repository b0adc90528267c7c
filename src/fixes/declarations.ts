/** Fixes of declarations in the forms of other languages. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { removal } from "../diagnostics/source.ts";
import type { BlockTerm, Module, Setting } from "../language/index.ts";
import { placeAt } from "../language/document/place.ts";
import { nameOf, plainText, type Term } from "../language/syntax/tree.ts";
import { replace, type Fixer } from "./fixer.ts";

/** `image { name "a" }` => `image "a" { }`. */
export const nameImage: Fixer = (found, module) => {
  if (parametersOf(found, "missing-value")?.name !== "image") return [];
  const [block, ...others] = declarationAt(module, found.span.start)?.values ?? [];
  if (block?.kind !== "block" || others.length > 0) return [];
  const name = settingOf(block, "name");
  const [value] = name === undefined ? [] : valuesOf(name);
  if (name === undefined || value === undefined || plainText(value) === undefined) return [];
  const { path, text } = module.source;
  const written = text.slice(value.span.start, value.span.end);
  const { start } = block.span;
  const edits = [
    { file: path, span: { start, end: start }, text: `${written} ` },
    { file: path, span: removal(text, name.span), text: "" },
  ];
  return [{ title: `write \`image ${written}\``, isSafe: true, edits }];
};

/** The default in the block of a `variable`. The schema does not know this block, so the pattern reads its text. */
const DEFAULT = /\bdefault\s*=\s*("(?:\\.|[^"\\\n])*"|[\w.+-]+)/;

/** `variable "x" { default = "1" }` => `param x = "1"`. A comment in the block would be lost, so the user decides. */
export const declareParameter: Fixer = (found, module) => {
  if (parametersOf(found, "unknown-setting")?.name !== "variable") return [];
  const setting = declarationAt(module, found.span.start);
  const [name, block, ...others] = setting?.values ?? [];
  if (setting === undefined || name === undefined || block?.kind !== "block" || others.length > 0) return [];
  const word = nameOf(name) ?? "";
  if (!/^[A-Za-z_][\w-]*$/.test(word)) return [];
  const content = module.source.text.slice(block.span.start, block.span.end);
  const value = DEFAULT.exec(content)?.[1];
  if (value === undefined && /\bdefault\b/.test(content)) return [];
  const instead = value === undefined ? `param ${word}` : `param ${word} = ${value}`;
  const isSafe = !/#|\/\//.test(content);
  return [replace(module, setting.span, instead, `write \`${instead}\``, isSafe)];
};

function declarationAt({ document, source }: Module, offset: number): Setting | undefined {
  return placeAt(document, source.text, offset).levels[0]?.setting;
}

function settingOf({ settings }: BlockTerm, name: string): Setting | undefined {
  return settings.find((each) => nameOf(each.name) === name);
}

function valuesOf({ values }: Setting): Term[] {
  return values.filter(({ kind }) => kind !== "operator");
}
