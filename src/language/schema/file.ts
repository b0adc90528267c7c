/** The declarations at the top level of a file. */
import * as z from "zod/mini";
import { expressionAt, type RawTerm } from "../syntax/terms.ts";
import { tokens } from "../syntax/tokens.ts";
import {
  expressionForm,
  inOrder,
  repeated,
  tokenForm,
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
import { copySource, filePathForm } from "../types/path.ts";
import { paramUnits } from "../types/number.ts";
import { packageSetSettings } from "./package-set.ts";
import { many, setting, settingsByName } from "../types/setting.ts";
import type { Inside, Type, Form, Settings } from "../types/type.ts";

/** The number of terms at `at` that form a value of any type; 0 if no value starts there. */
function takeValue(terms: readonly RawTerm[], at: number): number {
  const term = terms[at];
  if (term === undefined || term.kind === "braces") return 0;
  if (expressionAt(terms, at) !== undefined) return 2;
  return term.kind === "word" && Object.hasOwn(fileSettings, term.text) ? 0 : 1;
}

/** The number of terms at `at` that form `name = value`, or a name alone. */
function takeBinding(terms: readonly RawTerm[], at: number): number {
  const name = terms[at];
  if (name?.kind !== "word") return 0;
  const sign = terms[at + 1];
  // The name is missing: the word is the keyword of the next declaration.
  if (Object.hasOwn(fileSettings, name.text) && sign?.kind !== "operator") return 0;
  return sign?.kind === "operator" && sign.text === "=" ? 2 + takeValue(terms, at + 2) : 1;
}

/** The index of a binding's value if more than one term follows `=`. */
function listOfBinding(terms: readonly RawTerm[], at: number): number | undefined {
  const sign = terms[at + 1];
  return sign?.kind === "operator" && sign.text === "=" ? at + 2 : undefined;
}

/** The number of terms at `at` that form a value and the block after it. */
function takeWithBlock(terms: readonly RawTerm[], at: number): number {
  const value = takeValue(terms, at);
  return value + (terms[at + value]?.kind === "braces" ? 1 : 0);
}

/** A type that only determines which terms belong to a declaration. check/load.ts reads the declarations. */
function extent(
  label: string,
  form: Form,
  take: Type<unknown>["take"],
  more: Partial<Type<unknown>> = {},
): Type<unknown> {
  return {
    label,
    form,
    take,
    schema: () => z.unknown(),
    starts: (term) => term.kind !== "operator",
    read: () => undefined,
    ...more,
  };
}

const imageInside: Inside = { kind: "settings", settings: () => imageSettings };
const packageSetInside: Inside = { kind: "settings", settings: () => packageSetSettings };
const packageSetForm = inOrder(
  oneOf(plainForm, filePathForm, expressionForm("nix")),
  maybe({ kind: "block", inside: packageSetInside }),
);
const defaultForm = oneOf(plainForm, ...paramUnits.map((unit) => pattern(unit.pattern)));
const itemForm = named("item", oneOf(textForm, copySource.form, tokenForm(tokens.literal), tokenForm(tokens.slashed)));
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
  import: many(extent("a path", filePathForm, takeValue), {
    doc: "Another description. This file can use its bindings and images.",
    example: "import ./common.imgspec",
  }),
  let: many(
    extent("a name, `=` and a value", inOrder(newNameForm, exact("="), valueForm), takeBinding, {
      listAt: listOfBinding,
      mayBeSingle: true,
    }),
    {
      doc: "Gives a name to a value. `$name` stands for the value.",
      example: "let runtime = [ glibc openssl ]",
    },
  ),
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

/** The settings of a file by name. */
export const FILE_SETTINGS = settingsByName(fileSettings);
