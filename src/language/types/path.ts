/** The types of paths, and of the source of `copy`. */
import * as z from "zod/mini";
import { plainText, type Term } from "../syntax/tree.ts";
import { attributeForm, expressionForm, oneOf, pathForm } from "./form.ts";
import { packageType } from "./package.ts";
import { mismatch, replacement, scalar } from "./scalar.ts";
import { once, packageSchema, type Package } from "./values.ts";

/** The text of a path, with or without `path "…"`; undefined for any other term. */
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
  rules: ["the path must exist"],
  convert(term, scope) {
    const text = pathText(term);
    if (text === undefined) return mismatch;
    if (text.startsWith("~")) {
      scope.report("home-path", term.span, { input: text });
      return undefined;
    }
    const path = scope.absolute(text);
    if (!scope.exists(path)) {
      scope.report("missing-file", term.span, { input: text, directory: scope.directory });
      return undefined;
    }
    return path;
  },
});

const sourceSchema = once(() =>
  z.union([z.strictObject({ path: z.string(), directory: z.string() }), packageSchema()]),
);

/**
 * A package, or a path. `path` has its symbolic links resolved; `directory` is the folder of the file that contains the
 * setting.
 */
export type CopySource = { path: string; directory: string } | Package;

/** The source of `copy`: a file, a folder or a package. */
export const copySource = scalar<CopySource>({
  label: "a path or a package",
  form: oneOf(filePathForm, attributeForm, expressionForm("nix")),
  schema: sourceSchema,
  kinds: ["path", "expression"],
  rules: ["a path must exist"],
  word: () => true,
  convert(term, scope) {
    // `nginx.conf` is an attribute path, but if such a file exists, the user probably means the file.
    if (term.kind === "word" && term.text.includes(".") && scope.exists(scope.absolute(term.text)))
      scope.report("bare-path", term.span, { input: term.text });
    const quoted = plainText(term);
    if (quoted !== undefined && /^(?:\.\.?|~)?\//.test(quoted)) {
      const instead = /^[^\s"'[\]{}#$]+$/.test(quoted) ? quoted : `path ${JSON.stringify(quoted)}`;
      const fix = replacement(scope, term.span, instead);
      scope.report("quoted-path", term.span, { input: quoted, instead }, { fix });
      return undefined;
    }
    if (pathText(term) === undefined) return packageType.readTerm(term, scope);
    const path = existingPath.readTerm(term, scope);
    return path === undefined ? undefined : { path: scope.real(path), directory: scope.real(scope.directory) };
  },
});
