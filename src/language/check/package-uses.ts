/** Finds the attribute paths of packages in a file. */
import { attributeForm } from "../types/form.ts";
import { fileSettings } from "../schema/file.ts";
import { packageType } from "../types/package.ts";
import { findSetting } from "../types/setting.ts";
import { insideOf, insideOfItem, type Inside, type Type, type Form } from "../types/type.ts";
import type { Module } from "./module.ts";
import type { Setting, Span, Term } from "../syntax/tree.ts";

/** An attribute path: the name and place of each part. */
export type PackageUse = { name: string; span: Span }[];

/** Every attribute path in a file, in the order of the text. */
export function packageUses({ document, source }: Module): PackageUse[] {
  const found: PackageUse[] = [];
  const settings = (all: readonly Setting[], inside: Inside | undefined): void => {
    for (const { name, values } of all) {
      const known =
        inside?.kind === "settings" && name.kind === "word" ? findSetting(inside.settings(), name.text) : undefined;
      const type = inside?.kind === "entries" ? inside.value : known?.[1].type;
      if (inside?.kind === "entries" && inside.key === packageType.form && name.kind === "word")
        found.push(parts(name.text, name.span));
      // The name of a binding is not a package.
      const [first, ...rest] = values;
      const binds = inside?.kind === "settings" && inside.settings() === fileSettings && first?.kind === "word";
      for (const value of binds ? rest : values) term(value, type, insideOf(type, values));
    }
  };
  const term = (value: Term, type: Type<unknown> | undefined, inside?: Inside): void => {
    if (value.kind === "block") settings(value.settings, inside);
    else if (value.kind === "list")
      for (const [at, item] of value.items.entries()) term(item, type, insideOfItem(type, value.items, at));
    else if (value.kind === "word" && isPackage(value.text, type)) found.push(parts(value.text, value.span));
    else if (value.kind === "string" && type !== undefined)
      for (const part of value.parts)
        if (part.kind === "package") {
          const start = source.text.indexOf(part.text, part.span.start + 2);
          found.push(parts(part.text, { start, end: start + part.text.length }));
        }
  };
  settings(document.settings, { kind: "settings", settings: () => fileSettings });
  return found;
}

/** Whether a word in a value of a type is a package, not a keyword of the type. */
export function isPackage(word: string, type: Type<unknown> | undefined): boolean {
  return type !== undefined && type.words?.includes(word) !== true && hasAttributes(type.form);
}

const known = new WeakMap<Form, boolean>();

/** Whether a value may contain an attribute path. */
function hasAttributes(form: Form): boolean {
  const found = known.get(form) ?? (form === attributeForm || partsOf(form).some(hasAttributes));
  known.set(form, found);
  return found;
}

function partsOf(form: Form): readonly Form[] {
  if (form.kind === "named") return [form.form];
  if (form.kind === "choice") return form.options;
  if (form.kind === "sequence") return form.parts;
  return form.kind === "optional" || form.kind === "many" ? [form.part] : [];
}

function parts(text: string, { start }: Span): PackageUse {
  return Array.from(text.matchAll(/"([^"]*)"|[^."]+/g), ({ index, 0: match, 1: quoted }) => ({
    name: quoted ?? match,
    span: { start: start + index, end: start + index + match.length },
  }));
}
