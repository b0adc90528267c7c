/** `copy nginx.conf` => `copy ./nginx.conf`, if the file is beside the description. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { replace, type Fixer } from "./fixer.ts";

export const spellPath: Fixer = (found, module) => {
  const written = parametersOf(found, "bare-path")?.written;
  return written === undefined ? [] : [replace(module, found.span, `./${written}`, `write \`./${written}\``)];
};
