/** Types of owners, paths, Nix code, comparisons and image names. */
import * as z from "zod/mini";
import { plainText, type Term } from "../syntax/tree.ts";
import { attributeForm, expressionForm, inOrder, oneOf, pathForm, pattern, plainForm, exact } from "./form.ts";
import { packageType } from "./package.ts";
import { mismatch, replacement, scalar, termText } from "./scalar.ts";
import { refined } from "./text.ts";
import type { Cursor, Scope, Type } from "./type.ts";
import {
  codeSchema,
  once,
  boundSchema,
  ownerSchema,
  packageSchema,
  type Amount,
  type Code,
  type Bound,
  type Owner,
  type Package,
} from "./values.ts";
import { REPOSITORY } from "../../oci/reference.ts";

const OWNER = /^(\d+|[A-Za-z_][\w.-]*)(?::(\d+|[A-Za-z_][\w.-]*))?$/;
const OWNER_IDS = /^\d+(?::\d+)?$/;

/** The owner of a file: ids, or names from `users` or the base. */
export const owner = scalar<Owner>({
  label: 'an owner, such as `1000:1000` or `"api"`',
  name: "owner",
  form: oneOf(pattern(OWNER_IDS), pattern(new RegExp(`^"${OWNER.source.slice(1, -1)}"$`))),
  schema: ownerSchema,
  kinds: ["literal", "string"],
  convert(term) {
    const text = term.kind === "literal" ? term.text : plainText(term);
    const match = OWNER.exec(text ?? "");
    if (match === null || (term.kind === "literal" && !OWNER_IDS.test(term.text))) return mismatch;
    const id = (part: string): number | string => (/^\d+$/.test(part) ? Number(part) : part);
    return { user: id(match[1] ?? ""), group: match[2] === undefined ? null : id(match[2]) };
  },
});

/** The text of a path, in either form; undefined for any other term. */
export function pathText(term: Term): string | undefined {
  if (term.kind === "path") return term.text;
  return term.kind === "expression" && term.word === "path" ? plainText(term.string) : undefined;
}

export const filePathForm = oneOf(pathForm, expressionForm("path"));

/** The absolute path of an existing file. */
export const existingPath = scalar<string>({
  label: "a path, such as `./src`",
  name: "path",
  form: filePathForm,
  schema: () => z.string(),
  kinds: ["path", "expression"],
  convert(term, scope) {
    const text = pathText(term);
    if (text === undefined) return mismatch;
    if (text.startsWith("~")) {
      scope.report("home-path", term.span, { written: text });
      return undefined;
    }
    const path = scope.absolute(text);
    if (!scope.exists(path)) {
      scope.report("missing-file", term.span, { written: text, directory: scope.directory });
      return undefined;
    }
    return path;
  },
});

const sourceSchema = once(() =>
  z.union([z.strictObject({ path: z.string(), directory: z.string() }), packageSchema()]),
);
/** A package, or a path without symbolic links and the folder of the file that contains the path. */
export type CopySource = { path: string; directory: string } | Package;

/** The source of `copy`: a file, a folder or a package. */
export const copySource = scalar<CopySource>({
  label: "a path or a package",
  form: oneOf(filePathForm, attributeForm, expressionForm("nix")),
  schema: sourceSchema,
  kinds: ["path", "expression"],
  word: () => true,
  convert(term, scope) {
    // An attribute path that looks like a file name: `nginx.conf`.
    if (term.kind === "word" && term.text.includes(".") && scope.exists(scope.absolute(term.text)))
      scope.report("bare-path", term.span, { written: term.text });
    const quoted = plainText(term);
    if (quoted !== undefined && /^(?:\.\.?|~)?\//.test(quoted)) {
      const instead = /^[^\s"'[\]{}#$]+$/.test(quoted) ? quoted : `path ${JSON.stringify(quoted)}`;
      const fix = replacement(scope, term.span, instead);
      scope.report("quoted-path", term.span, { written: quoted, instead }, { fix });
      return undefined;
    }
    if (pathText(term) === undefined) return packageType.readTerm(term, scope);
    const path = existingPath.readTerm(term, scope);
    return path === undefined ? undefined : { path: scope.real(path), directory: scope.real(scope.directory) };
  },
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

const IMAGE_NAME = new RegExp(
  String.raw`^(?:(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+(?=:\d))(?::\d+)?/)?${REPOSITORY}$`,
);

/** The name of an image: an OCI repository, with or without a registry's host. */
export const imageName = refined(
  "an image name",
  (name, term, scope) => {
    if (name.length > 255 || !IMAGE_NAME.test(name)) scope.report("bad-image-name", term.span, { written: name });
  },
  "image-name",
);

const OPERATORS = ["<=", "<", "==", ">=", ">"] as const;

/** A comparison, such as `<= 80`. */
export function bound(value: Type<Amount>): Type<Bound> {
  const label = `a comparison, such as \`<=\`, and ${value.label}`;
  return {
    label,
    form: inOrder(oneOf(...OPERATORS.map(exact)), value.form),
    schema: boundSchema,
    starts: (term) => term.kind === "operator",
    take(terms, at) {
      const comparison = terms[at]?.kind === "operator" ? 1 : 0;
      return comparison + value.take(terms, at + comparison);
    },
    read(cursor: Cursor, scope: Scope) {
      const term = cursor.next;
      const operator = term?.kind === "operator" ? OPERATORS.find((known) => known === term.text) : undefined;
      if (operator === undefined) {
        cursor.index = cursor.terms.length;
        const expected = "a comparison: `<=`, `<`, `==`, `>=` or `>`";
        scope.report("missing-value", term?.span ?? cursor.end, { name: termText(cursor.owner), expected });
        return undefined;
      }
      cursor.index += 1;
      const amount = value.read(cursor, scope);
      return amount === undefined ? undefined : { operator, value: amount };
    },
  };
}
