/** `"${1 + 2}"` => `"\${1 + 2}"`, which leaves the `${` as text. The user decides whether that is meant. */
import { placeAt } from "../language/document/place.ts";
import { replace, type Fixer } from "./fixer.ts";

export const escapeInterpolation: Fixer = ({ code, span }, module) => {
  if (code !== "bad-interpolation") return [];
  const { term } = placeAt(module.document, module.source.text, span.start);
  if (term?.kind !== "string") return [];
  const escaped = term.form === "quoted" ? "\\${" : "''${";
  return [replace(module, { start: span.start, end: span.start + 2 }, escaped, `write \`${escaped}\``, false)];
};
