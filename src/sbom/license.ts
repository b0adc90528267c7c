/** Translates licences to SPDX: a package set may use names that SPDX lacks, or an expression as a name. */
import parse from "spdx-expression-parse";
import deprecated from "spdx-license-ids/deprecated.json" with { type: "json" };
import current from "spdx-license-ids/index.json" with { type: "json" };
import type { License } from "../image/image-file.ts";

const IDENTIFIERS = new Set([...current, ...deprecated]);

/** Whether the text is an identifier of the SPDX licence list. */
export function isListed(id: string): boolean {
  return IDENTIFIERS.has(id);
}

/** Whether the text is an SPDX expression (SPDX 3.0.1, annex), such as `Apache-2.0 WITH LLVM-exception`. */
export function isExpression(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
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
