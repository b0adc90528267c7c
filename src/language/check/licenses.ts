/** Rejects a licence that `expect` both allows and forbids. */
import { isLicense, isSimple } from "../../license/license.ts";
import { removal } from "../../diagnostics/source.ts";
import { inImage } from "./locate.ts";
import type { Text } from "../types/values.ts";
import type { Subject } from "./rule.ts";

export function licensesApart({ spec, image, scope }: Subject): void {
  const { licenses, noLicenses } = spec.expect;
  for (const [i, allowed] of licenses.entries()) {
    for (const [j, forbidden] of noLicenses.entries()) {
      if (!isKnown(allowed) || !isKnown(forbidden) || !isLicense(allowed, forbidden)) continue;
      const spans = [inImage(image, ["expect", "licenses", i]), inImage(image, ["expect", "no-licenses", j])] as const;
      const { path: file, text } = image.module.source;
      const choices = ["licenses", "no-licenses"].map((name, list) => ({
        title: `remove the licence from \`${name}\``,
        edits: [{ file, span: removal(text, spans[list === 0 ? 0 : 1]), text: "" }],
      }));
      const parameters = {
        name: `no-licenses [ "${forbidden}" ]`,
        other: `licenses [ "${allowed}" ]`,
        instead: "remove the licence from one of the lists",
      };
      scope.report("conflict", spans[1], parameters, { choices });
    }
  }
}

/** Whether the licence is valid, and is not the value of a parameter. */
function isKnown(license: Text): license is string {
  return typeof license === "string" && isSimple(license);
}
