// What stands at the top of a file.
import * as z from "zod/mini";
import { expressionAt, type RawTerm } from "../syntax/terms.ts";
import { tokens } from "../syntax/tokens.ts";
import {
  cut,
  expressionForm,
  inOrder,
  repeated,
  maybe,
  named,
  newNameForm,
  oneOf,
  pattern,
  plainForm,
  textForm,
  exact,
} from "../types/form.ts";
import { imageSettings } from "./image.ts";
import { copySource, writtenPathForm } from "../types/misc.ts";
import { paramUnits } from "../types/number.ts";
import { packageSetSettings } from "./package-set.ts";
import { many, setting } from "../types/setting.ts";
import type { Inside, Type, Form, Settings } from "../types/type.ts";

/** How many terms one value of any type takes. */
function takeValue(terms: readonly RawTerm[], at: number): number {
  const term = terms[at];
  if (term === undefined || term.kind === "braces") return 0;
  if (expressionAt(terms, at) !== undefined) return 2;
  return term.kind === "word" && Object.hasOwn(fileSettings, term.text) ? 0 : 1;
}

/** `name = value`, or only the name. */
function takeBinding(terms: readonly RawTerm[], at: number): number {
  const name = terms[at];
  if (name?.kind !== "word") return 0;
  const sign = terms[at + 1];
  // The next declaration, where there is nothing of this one.
  if (Object.hasOwn(fileSettings, name.text) && sign?.kind !== "operator") return 0;
  return sign?.kind === "operator" && sign.text === "=" ? 2 + takeValue(terms, at + 2) : 1;
}

/** Takes one value and the block after it. */
function takeWithBlock(terms: readonly RawTerm[], at: number): number {
  const value = takeValue(terms, at);
  return value + (terms[at + value]?.kind === "braces" ? 1 : 0);
}

/** The checker reads declarations itself, so here a type says only how far one reaches. */
function extent(
  label: string,
  form: Form,
  take: Type<unknown>["take"],
  more: Partial<Type<unknown>> = {},
): Type<unknown> {
  return { label, form, take, schema: () => z.unknown(), starts: () => true, read: () => undefined, ...more };
}

const imageInside: Inside = { kind: "settings", settings: () => imageSettings };
const packageSetInside: Inside = { kind: "settings", settings: () => packageSetSettings };
const packageSetForm = inOrder(
  oneOf(plainForm, writtenPathForm, expressionForm("nix")),
  maybe({ kind: "block", inside: packageSetInside }),
);
const defaultForm = oneOf(plainForm, ...paramUnits.map((unit) => pattern(unit.pattern)));
const itemForm = named("item", oneOf(textForm, copySource.form, cut(tokens.literal), cut(tokens.slashed)));
const valueForm = oneOf(itemForm, inOrder(exact("["), repeated(itemForm), exact("]")));

export const fileSettings: Settings = {
  nixpkgs: setting(
    extent("a flake reference, a path or a Nix expression", packageSetForm, takeWithBlock, {
      inside: packageSetInside,
    }),
    null,
    {
      doc:
        "The package set and its options. With options, the package set must be a function of `{ config, overlays }`, " +
        "as nixpkgs is: a Nix expression, or a file or folder with such a function.",
      example: 'nixpkgs "github:NixOS/nixpkgs/nixos-26.05" { allow-unfree [ vault ] }',
    },
  ),
  import: many(extent("a path", writtenPathForm, takeValue), {
    doc: "Another description. This file can use its bindings and images.",
    example: "import ./common.imgspec",
  }),
  let: many(extent("a name, `=` and a value", inOrder(newNameForm, exact("="), valueForm), takeBinding), {
    doc: "Gives a name to a value. `$name` stands for the value.",
    example: "let runtime = [ glibc openssl ]",
  }),
  param: many(
    extent(
      "a name, and a default after `=`",
      inOrder(newNameForm, maybe(inOrder(exact("="), defaultForm))),
      takeBinding,
    ),
    {
      doc: "A value that the caller can set, with `--set NAME=VALUE` or as an argument of the compiled function. Its type is that of the default; without a default, it is a string that must be given.",
      example: 'param release = "dev"',
    },
  ),
  image: many(
    extent(
      "a name in quotes and a block in braces",
      inOrder(plainForm, { kind: "block", inside: imageInside }),
      takeWithBlock,
      { inside: imageInside },
    ),
    { doc: "An image, with its name and its settings.", example: 'image "shop/api" { packages [ hello ] }' },
  ),
};
