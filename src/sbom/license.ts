/** Licences in SPDX's words: a package set may name one that SPDX does not know, or an expression where it has one name. */
import parse from "spdx-expression-parse";
import deprecated from "spdx-license-ids/deprecated.json" with { type: "json" };
import current from "spdx-license-ids/index.json" with { type: "json" };
import type { License } from "../image/image-file.ts";

const LISTED = new Set([...current, ...deprecated]);

/** Whether it is an identifier of SPDX's list. */
export function isListed(id: string): boolean {
  return LISTED.has(id);
}

/** Whether it is made of such, as `Apache-2.0 WITH LLVM-exception` is (SPDX 3.0.1, annex on licence expressions). */
export function isExpression(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What people call it. */
export function nameOf(license: License): string {
  return "id" in license ? license.id : license.name;
}

/** A licence as an SPDX expression: what is not of SPDX's list has a name of its own. */
export function expressionOf(license: License): string {
  if (isExpression(nameOf(license))) return nameOf(license);
  return `LicenseRef-${nameOf(license).replaceAll(/[^A-Za-z0-9.-]+/g, "-")}`;
}
