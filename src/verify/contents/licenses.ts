/** Checks `licenses` and `no-licenses` of a spec's `expect`. */
import type { Expect, Metadata } from "../../image/image-file.ts";
import { canChoose, expressionOf, isLicense, partsOf } from "../../license/license.ts";
import type { Unmet } from "../findings.ts";

/** The number of store paths that a message lists. */
const LISTED = 10;

/**
 * An unmet expectation for each licence that is not accepted, and one for the store paths without a known licence. If the
 * metadata of a path lists several licences, all of them must be accepted. `foreign`: store paths of a base of another tool.
 */
export function checkLicenses(
  { licenses = [], noLicenses = [] }: Expect,
  closure: { path: string }[],
  metadata: Metadata[],
  foreign: ReadonlySet<string>,
): Unmet[] {
  if (licenses.length === 0 && noLicenses.length === 0) return [];
  const isAllowed = (simple: string) => licenses.length === 0 || licenses.some((named) => isLicense(simple, named));
  const forbidding = (simple: string) => noLicenses.findIndex((named) => isLicense(simple, named));
  const known = new Map(metadata.map((entry) => [entry.path, entry.licenses]));
  const byExpression = new Map<string, string[]>();
  const unknown: string[] = [];
  for (const { path } of closure) {
    const expressions = new Set((known.get(path) ?? []).map(expressionOf));
    if (expressions.size === 0) unknown.push(path);
    for (const expression of expressions) {
      byExpression.set(expression, [...(byExpression.get(expression) ?? []), path]);
    }
  }

  const unmet: Unmet[] = [];
  for (const [expression, paths] of byExpression) {
    if (canChoose(expression, (simple) => isAllowed(simple) && forbidding(simple) < 0)) continue;
    const found = `${listed(paths)} ${has(paths)} the licence ${expression}`;
    if (canChoose(expression, isAllowed)) {
      const index = Math.max(...partsOf(expression).map(forbidding));
      unmet.push({ at: ["no-licenses", index], message: `expect no-licenses ${noLicenses[index]}: ${found}` });
    } else unmet.push({ at: ["licenses"], message: `expect licenses: ${found}, which the list does not allow` });
  }
  const name = licenses.length > 0 ? "licenses" : "no-licenses";
  for (const [isForeign, hint] of [
    [false, "set `meta.license` of the package"],
    [
      true,
      `the base was made elsewhere and does not say its licences: use a base that imgc builds, or remove \`${name}\``,
    ],
  ] as const) {
    const paths = unknown.filter((path) => foreign.has(path) === isForeign);
    if (paths.length === 0) continue;
    unmet.push({ at: [name], message: `expect ${name}: ${listed(paths)} ${has(paths)} no known licence; ${hint}` });
  }
  return unmet.map(({ at, message }) => ({ at: ["expect", ...at], message }));
}

function listed(paths: string[]): string {
  const more = paths.length - LISTED;
  return `${paths.slice(0, LISTED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function has(paths: string[]): string {
  return paths.length === 1 ? "has" : "have";
}
