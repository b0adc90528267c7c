/** The types of paths, and of the source of `copy`. */
import * as z from "zod/mini";
import { plainText, type Term } from "../syntax/tree.ts";
import { attributeForm, expressionForm, oneOf, pathForm } from "./form.ts";
import { packageType } from "./package.ts";
import { mismatch, replacement, scalar } from "./scalar.ts";
import type { Scope } from "./type.ts";
import { once, packageSchema, type Package } from "./values.ts";

/** The text of a path, with or without `path "…"`; undefined for any other term. */
export function pathText(term: Term): string | undefined {
  if (term.kind === "path") return term.text;
  return term.kind === "expression" && term.word === "path" ? plainText(term.string) : undefined;
}

export const filePathForm = oneOf(pathForm, expressionForm("path"));

/** The names of files by their extensions. `python3Packages.toml` and its like are packages. */
const FILE_NAME =
  /^(?!\w*Packages\w*\.).*\.(?:conf|cfg|ini|toml|json|ya?ml|xml|html?|css|js|mjs|ts|py|sh|txt|md|pem|crt|key|sql|tar|t?gz|tar\.\w+|zip|jar|imgspec)$/;

/**
 * Reports a path in quotes, or without `./`. Returns false if the term is no such path. `isCertain`: whether only a path
 * is valid at this place.
 */
export function reportPath(term: Term, scope: Scope, isCertain: boolean): boolean {
  const text = term.kind === "string" ? plainText(term) : "text" in term ? term.text : undefined;
  if (text === undefined || text === "" || term.kind === "path" || term.kind === "operator") return false;
  if (text.startsWith("~")) {
    scope.report("home-path", term.span, { input: text });
    return true;
  }
  const isPath = isCertain || text.includes("/") || FILE_NAME.test(text) || scope.exists(scope.absolute(text));
  if (!isPath || /^\w+:|\n/.test(text)) return false;
  const path = /^(?:\.\.?)?\//.test(text) ? text : `./${text}`;
  const instead = /^[^\s"'[\]{}#$]+$/.test(path) ? path : `path ${JSON.stringify(path)}`;
  const fix = replacement(scope, term.span, instead);
  const input = term.kind === "string" ? JSON.stringify(text) : `\`${text}\``;
  scope.report("quoted-path", term.span, { input, instead }, { fix });
  return true;
}

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
    if (text === undefined) return reportPath(term, scope, true) ? undefined : mismatch;
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
    // `nginx.conf` is an attribute path, but if such a file exists, the user probably means the file. A name without a dot
    // can be a package that has the name of a folder.
    if (term.kind === "word") {
      const isFile = scope.exists(scope.absolute(term.text));
      const isSure = isFile && term.text.includes(".");
      if (isFile || FILE_NAME.test(term.text)) scope.report("bare-path", term.span, { input: term.text, isSure });
    } else if (reportPath(term, scope, false)) return undefined;
    if (pathText(term) === undefined) return packageType.readTerm(term, scope);
    const path = existingPath.readTerm(term, scope);
    return path === undefined ? undefined : { path: scope.real(path), directory: scope.real(scope.directory) };
  },
});
