/** The type of packages: attribute paths of the package set, and Nix expressions. */
import { plainText, type Span, type Term } from "../syntax/tree.ts";
import { attributeForm, expressionForm, oneOf, plainForm } from "./form.ts";
import { mismatch, replacement, scalar, type Converted } from "./scalar.ts";
import type { Scope } from "./type.ts";
import { packageSchema, type Package, codeSchema, type Code } from "./values.ts";

/** Splits an attribute path such as `a.b."c.d"` into its names. */
export function attributePath(text: string): string[] {
  if (/^[^".]+$/.test(text)) return [text];
  const names = text.match(/"[^"]*"|[^."]+/g) ?? [];
  return names.map((name) => (name.startsWith('"') ? name.slice(1, -1) : name));
}

/** Reports `pkgs.` before the name of a package, at the span that contains it. */
export function reportSet(text: string, span: Span, scope: Scope, written = (name: string) => name): void {
  const name = text.startsWith("pkgs.") ? /^pkgs\.(.+)$/.exec(text)?.[1] : undefined;
  if (name === undefined) return;
  const instead = written(name);
  scope.report("nix-syntax", span, { input: text, instead }, { fix: replacement(scope, span, instead) });
}

export function convertPackage(term: Term, scope: Scope): Converted<Package> {
  const { directory } = scope;
  if (term.kind === "word") {
    reportSet(term.text, term.span, scope);
    return { attribute: attributePath(term.text) };
  }
  if (term.kind === "literal" && /^[\w.+-]+$/.test(term.text)) {
    const instead = `nix ''pkgs."${term.text}"''`;
    const parameters = {
      expected: "a package",
      found: `\`${term.text}\``,
      hint: `; for an attribute of this name, write \`${instead}\``,
    };
    scope.report("wrong-type", term.span, parameters, { choices: [replacement(scope, term.span, instead)] });
    return undefined;
  }
  if (term.kind !== "expression" || term.word !== "nix") return mismatch;
  const nix = plainText(term.string);
  return nix === undefined ? mismatch : { nix, directory };
}

export const packageType = scalar<Package>({
  label: "a package",
  name: "package",
  form: oneOf(attributeForm, expressionForm("nix")),
  schema: packageSchema,
  kinds: ["expression"],
  word: () => true,
  convert: convertPackage,
});

/** Nix code, which is not parsed. */
export const nixCode = scalar<Code>({
  label: "a Nix expression in a string",
  name: "nix-code",
  form: plainForm,
  schema: codeSchema,
  kinds: ["string"],
  convert(term, { directory }) {
    const nix = plainText(term);
    return nix === undefined ? mismatch : { nix, directory };
  },
});
