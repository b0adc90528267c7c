/** `no-setuid true` => `no-setuid`. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { removal, replace, type Fixer } from "./fixer.ts";

export const removeFlagValue: Fixer = (found, module) => {
  const value = parametersOf(found, "flag-value");
  if (value?.isYes !== true) return [];
  return [replace(module, removal(module.source.text, found.span), "", `remove \`${value.written}\``)];
};
