/** Types of strings, with and without interpolation. */
import * as z from "zod/mini";
import { plainText, type StringTerm, type Term } from "../syntax/tree.ts";
import { textForm } from "./form.ts";
import { attributePath, convertPackage, reportSet } from "./package.ts";
import { mismatch, scalar, type Converted } from "./scalar.ts";
import { describe, type Scope } from "./type.ts";
import { textSchema, type Package, type Param, type Text } from "./values.ts";

type Part = string | Package | Param;

/** Text that may interpolate packages and parameters. */
export const text = scalar<Text>({
  label: "a string",
  name: "string",
  form: textForm,
  schema: textSchema,
  kinds: ["string"],
  convert: (term, scope) => (term.kind === "string" ? convertText(term, scope) : mismatch),
  param: (use, param) => (param.type === "string" || param.type === "integer" ? { parts: [use] } : mismatch),
});

/** The text with the values of its parameters; undefined if a part is known only when building. */
export function knownText(value: Text, scope: Scope): string | undefined {
  if (typeof value === "string") return value;
  let known = "";
  for (const part of value.parts) {
    const piece = typeof part === "string" ? part : "param" in part ? scope.argument(part.param) : null;
    if (piece === null) return undefined;
    known += String(piece);
  }
  return known;
}

/** Text that is known when the file is checked. */
export const plain = refined("a string", () => undefined, []);

/** Plain text with further rules: `check` reports invalid text, `rules` are the rules in words. */
export function refined(
  label: string,
  check: (text: string, term: StringTerm, scope: Scope) => void,
  rules: readonly string[],
  name = "string",
): ReturnType<typeof scalar<string>> {
  return scalar<string>({
    label,
    name,
    form: textForm,
    schema: () => z.string(),
    kinds: ["string"],
    rules: [...rules, "can interpolate neither a package nor a `param`"],
    convert(term, scope) {
      if (term.kind !== "string") return mismatch;
      const value = convertText(term, scope);
      if (value === undefined) return undefined;
      if (typeof value !== "string") {
        scope.report("not-constant", term.span, { expected: label });
        return undefined;
      }
      check(value, term, scope);
      return value;
    },
  });
}

function convertText(term: StringTerm, scope: Scope): Converted<Text> {
  const known = plainText(term);
  if (known !== undefined) return known;
  const parts: Part[] = [];
  let complete = true;
  for (const part of term.parts) {
    if (part.kind === "text") parts.push(part.text);
    else if (part.kind === "package") {
      reportSet(part.text, part.span, scope, (name) => `\${${name}}`);
      parts.push({ attribute: attributePath(part.text) });
    } else {
      const bound = scope.follow(part.name, part.span);
      const inner = bound?.kind === "param" ? [{ param: bound.param.name }] : bound && inline(bound.term, bound.scope);
      if (inner === undefined) complete = false;
      else for (const piece of inner) parts.push(piece);
    }
  }
  if (!complete) return undefined;
  return joined(parts);
}

/** The parts that a binding's value adds to a text. */
function inline(term: Term, scope: Scope): Part[] | undefined {
  if (term.kind === "reference") {
    const bound = scope.follow(term.name, term.span);
    if (bound?.kind === "param") return [{ param: bound.param.name }];
    return bound && inline(bound.term, bound.scope);
  }
  if (term.kind === "string") {
    const value = convertText(term, scope);
    if (value === undefined || value === mismatch) return undefined;
    return typeof value === "string" ? [value] : value.parts;
  }
  if (term.kind === "literal" && /^[+-]?\d+$/.test(term.text)) return [String(Number(term.text))];
  const value = convertPackage(term, scope);
  if (value !== mismatch && value !== undefined) return [value];
  scope.report("wrong-type", term.span, {
    expected: "a string, an integer or a package to interpolate",
    found: describe(term),
  });
  return undefined;
}

function joined(parts: Part[]): Text {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else if (part !== "") merged.push(part);
  }
  if (merged.length === 0) return "";
  const [only] = merged;
  return merged.length === 1 && typeof only === "string" ? only : { parts: merged };
}
