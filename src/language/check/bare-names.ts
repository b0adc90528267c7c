/** Reports names of bindings that lack their `$`, such as `tools` in `packages [ tools ]` after `let tools = [ hello ]`. */
import { diagnostic, type Diagnostic, type Fix, type Place } from "../../diagnostics/diagnostic.ts";
import { plainText, type Span, type Term } from "../syntax/tree.ts";
import { declarationOf } from "./declaration.ts";
import { STRUCTURAL } from "./structural.ts";
import { lookUp, visible, type Module, type Session } from "./module.ts";

/** A use of a binding's name without `$`. */
interface BareName {
  name: string;
  span: Span;
  /** The span of the word or string that contains the name. */
  termSpan: Span;
  instead: string;
  /** Whether the name is a whole string, which is a mistake only in the place of another value. */
  isString?: boolean;
}

/**
 * Reports each use of a binding's name without `$`. If the word or string already has errors, the new diagnostic
 * replaces them and is an error; otherwise it is a warning. Its fix is safe if it replaced an error, or if the binding
 * has no other use. The binding then counts as used, so that it is not also reported as unused.
 */
export function reportBareNames(root: Module, session: Session): void {
  const found = bareNames(root);
  const unused = new Set(found.filter(({ name }) => lookUp(root, name)?.used === false).map(({ name }) => name));
  const there = session.diagnostics
    .filter(
      ({ severity, file, code }) => file === root.source.path && (severity === "error" || code === "literal-dollar"),
    )
    .toSorted((a, b) => a.span.start - b.span.start);
  const replaced = new Set<Diagnostic>();
  const made: Diagnostic[] = [];
  // Both lists are in the order of the text.
  let next = 0;
  let term: { span: Span; inside: Diagnostic[] } | undefined;
  for (const { name, span, termSpan, instead, isString = false } of found) {
    const binding = lookUp(root, name);
    if (binding === undefined) continue;
    if (!isString) binding.used = true;
    if (term?.span !== termSpan) {
      while ((there[next]?.span.start ?? Infinity) < termSpan.start) next++;
      const inside: Diagnostic[] = [];
      for (let i = next; i < there.length && (there[i] as Diagnostic).span.start <= termSpan.end; i++)
        if ((there[i] as Diagnostic).span.end <= termSpan.end) inside.push(there[i] as Diagnostic);
      term = { span: termSpan, inside };
    }
    // If a quote is missing, this may not be the text of a string.
    if (term.inside.some(({ code }) => STRUCTURAL.has(code))) continue;
    const misread = term.inside.find(({ code, span: { start } }) => code === "wrong-type" && start === span.start);
    if (isString && misread === undefined) continue;
    binding.used = true;
    for (const each of term.inside) replaced.add(each);
    const isError = term.inside.some(({ severity }) => severity === "error");

    const isSure = (isError && !isString) || unused.has(name);
    const place = { file: root.source.path, span };
    const choices = isString && !isSure ? stringChoices(place, instead, misread) : undefined;
    const report = diagnostic("bare-binding", place, { name, instead, isSure }, { choices });
    made.push(isError ? { ...report, severity: "error" } : report);
  }
  session.diagnostics = [...session.diagnostics.filter((each) => !replaced.has(each)), ...made];
}

/** The binding of a name in quotes, and the value of that name, such as a package. */
function stringChoices(place: Place, instead: string, misread: Diagnostic | undefined): Fix[] {
  const binding = { title: `write \`${instead}\``, edits: [{ ...place, text: instead }] };
  return misread?.fix === undefined ? [binding] : [binding, misread.fix];
}

/** `version` for `version-`, since a name may contain dashes. */
function boundPart(text: string, isBound: (name: string) => boolean): string {
  let name = text;
  for (let parts = 0; parts < MOST_PARTS && name.includes("-") && !isBound(name); parts++)
    name = name.slice(0, name.lastIndexOf("-"));
  return name;
}
/** The most parts of a name that are dropped. The limit keeps the time linear in the length of the text. */
const MOST_PARTS = 20;

/** `var.name`, as in Terraform. */
const OF_TERRAFORM = /^(?:var|local|param)\.([A-Za-z_][\w-]*)$/;
/** `$name`, `${name}`, `${var.name}`, `$(name)` and `{{ name }}`, but not with an escaped `$`. */
const IN_STRINGS =
  /(?<![\\'{]|'')\$(?:([A-Za-z_][\w-]*)|\{(?:(?:var|local|param)\.)?(?<braces>[A-Za-z_][\w-]*)\}|\((?<round>[A-Za-z_][\w-]*)\))|\{\{[ \t]*(?:\.Values)?\.?(?<template>[A-Za-z_][\w-]*)[ \t]*\}\}/g;

/** The uses of bindings' names without `$`, in the order of the text. */
function bareNames(module: Module): BareName[] {
  if (visible(module).every(({ bindings }) => bindings.size === 0)) return [];
  const { text } = module.source;
  const isBound = (name: string): boolean => lookUp(module, name) !== undefined;

  /** Whether a binding is a text, which is not valid in the place of another value either. */
  const isText = (name: string): boolean => {
    const meaning = lookUp(module, name)?.meaning;
    return meaning?.kind === "let" ? meaning.term.kind === "string" : true;
  };

  const inTerm = (term: Term): BareName[] => {
    switch (term.kind) {
      case "word": {
        const name = isBound(term.text) ? term.text : (OF_TERRAFORM.exec(term.text)?.[1] ?? "");
        return isBound(name) ? [{ name, span: term.span, termSpan: term.span, instead: `$${name}` }] : [];
      }
      case "list":
        return term.items.flatMap(inTerm);
      case "block":
        return term.settings.flatMap(({ values }) => values.flatMap(inTerm));
      case "string": {
        const whole = plainText(term) ?? "";
        if (isBound(whole) && !isText(whole))
          return [{ name: whole, span: term.span, termSpan: term.span, instead: `$${whole}`, isString: true }];
        return term.parts.flatMap(({ span }) => inString(span, term.span));
      }
      default:
        return [];
    }
  };
  /** Finds names in the forms of other tools in a string, where a reference is written `${$name}`. */
  const inString = ({ start, end }: Span, termSpan: Span): BareName[] =>
    Array.from(text.slice(start, end).matchAll(IN_STRINGS)).flatMap(({ 0: match, 1: plain, groups, index }) => {
      const bracketed = groups?.["braces"] ?? groups?.["round"] ?? groups?.["template"] ?? "";
      const name = plain === undefined ? bracketed : boundPart(plain, isBound);
      const length = plain === undefined ? match.length : name.length + 1;
      const span = { start: start + index, end: start + index + length };
      return isBound(name) ? [{ name, span, termSpan, instead: `\${$${name}}` }] : [];
    });

  return module.document.settings.flatMap((setting) => {
    // The first value is the name of the binding or the image.
    const isNamed = ["let", "param", "image"].includes(declarationOf(setting));
    return (isNamed ? setting.values.slice(1) : setting.values).flatMap(inTerm);
  });
}
