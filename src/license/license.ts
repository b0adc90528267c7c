/** Licences in the terms of SPDX: a package set may use names that SPDX lacks, or an expression as a name. */
import parse from "spdx-expression-parse";
import deprecated from "spdx-license-ids/deprecated.json" with { type: "json" };
import current from "spdx-license-ids/index.json" with { type: "json" };
import type { License } from "./license-schema.ts";

/** The identifiers of the SPDX licence list, without deprecated ones. */
export const LICENSE_IDS: readonly string[] = current;
const IDENTIFIERS = new Set([...current, ...deprecated]);

/** Whether the text is an identifier of the SPDX licence list. */
export function isListed(id: string): boolean {
  return IDENTIFIERS.has(id);
}

/** Whether the text is an SPDX expression (SPDX 3.0.1, annex), such as `Apache-2.0 WITH LLVM-exception`. */
export function isExpression(text: string): boolean {
  return parsed(text) !== undefined;
}

/** Whether the text is an SPDX expression without `AND` and `OR`. */
export function isSimple(text: string): boolean {
  const info = parsed(text);
  return info !== undefined && !("conjunction" in info);
}

/**
 * The identifiers that replace a deprecated one of GNU, such as `GPL-3.0`, which packages have as `GPL-3.0-only` or
 * `GPL-3.0-or-later`, or `GPL-3.0+`, which they have as the latter; none for other identifiers.
 */
export function replacementsOf(id: string): string[] {
  if (id.endsWith("+")) return [`${id.slice(0, -1)}-or-later`].filter(isListed);
  return ["only", "or-later"].map((ending) => `${id}-${ending}`).filter(isListed);
}

/** The SPDX identifier, otherwise the name. */
export function nameOf(license: License): string {
  return "id" in license ? license.id : license.name;
}

/** A licence as an SPDX expression; unlisted licences become a `LicenseRef-`. */
export function expressionOf(license: License): string {
  if (isExpression(nameOf(license))) return nameOf(license);
  return `LicenseRef-${nameOf(license).replaceAll(/[^A-Za-z0-9.-]+/g, "-")}`;
}

/** The simple expressions in an expression. */
export function partsOf(expression: string): string[] {
  const parts = (info: parse.Info): string[] =>
    "conjunction" in info ? [...parts(info.left), ...parts(info.right)] : [printed(info)];
  return parts(parse(expression));
}

/** Whether a choice among the alternatives (`OR`) of the expression leaves only licences for which `holds` is true. */
export function canChoose(expression: string, holds: (simple: string) => boolean): boolean {
  const choose = (info: parse.Info): boolean => {
    if (!("conjunction" in info)) return holds(printed(info));
    return info.conjunction === "or"
      ? choose(info.left) || choose(info.right)
      : choose(info.left) && choose(info.right);
  };
  return choose(parse(expression));
}

/**
 * Whether a simple expression is the licence `named`. A licence with an exception is also the licence without the exception:
 * an exception only adds permissions.
 */
export function isLicense(simple: string, named: string): boolean {
  const wanted = parse(named);
  const found = parse(simple);
  if ("conjunction" in wanted || "conjunction" in found) return false;
  if (wanted.exception !== undefined && wanted.exception !== found.exception) return false;
  return printed({ ...wanted, exception: undefined }) === printed({ ...found, exception: undefined });
}

function printed({ license, plus, exception }: parse.LicenseInfo): string {
  return `${license}${plus === true ? "+" : ""}${exception === undefined ? "" : ` WITH ${exception}`}`;
}

function parsed(text: string): parse.Info | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
