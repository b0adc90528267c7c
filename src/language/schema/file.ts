// What stands at the top of a file.
import * as z from "zod/mini";
import { expressionAt, type RawTerm } from "../syntax/read.ts";
import { imageSettings } from "./image.ts";
import { required, type Settings } from "./setting.ts";
import type { Type } from "./type.ts";

/** How many terms one value of any type takes. */
function takeValue(terms: readonly RawTerm[], at: number): number {
  const term = terms[at];
  if (term === undefined || term.kind === "braces") return 0;
  if (expressionAt(terms, at) !== undefined) return 2;
  return term.kind === "word" && Object.hasOwn(fileSettings, term.text) ? 0 : 1;
}

/** `name = value`, or only the name. */
function takeBinding(terms: readonly RawTerm[], at: number): number {
  if (terms[at]?.kind !== "word") return 0;
  const sign = terms[at + 1];
  return sign?.kind === "operator" && sign.text === "=" ? 2 + takeValue(terms, at + 2) : 1;
}

/** The checker reads declarations itself, so here a type says only how far one reaches. */
function extent(label: string, take: Type<unknown>["take"], more: Partial<Type<unknown>> = {}): Type<unknown> {
  return { label, take, schema: () => z.unknown(), starts: () => true, read: () => undefined, ...more };
}

export const fileSettings: Settings = {
  nixpkgs: required(extent("a flake reference, a path or a Nix expression", takeValue), {
    doc: "The package set.",
    example: 'nixpkgs "github:NixOS/nixpkgs/nixos-26.05"',
  }),
  import: required(extent("a path", takeValue), {
    doc: "Another file, whose bindings and images can be named here.",
    example: "import ./common.imgspec",
  }),
  let: required(extent("a name, `=` and a value", takeBinding), {
    doc: "Gives a value a name.",
    example: "let runtime = [ glibc openssl ]",
  }),
  param: required(extent("a name, and a default after `=`", takeBinding), {
    doc: "A value that the caller may set.",
    example: 'param release = "dev"',
  }),
  image: required(
    extent(
      "a name in quotes and a block in braces",
      (terms, at) => {
        const name = takeValue(terms, at);
        return name + (terms[at + name]?.kind === "braces" ? 1 : 0);
      },
      { inside: { kind: "settings", settings: () => imageSettings } },
    ),
    { doc: "An image.", example: 'image "shop/api" { packages [ hello ] }' },
  ),
};
