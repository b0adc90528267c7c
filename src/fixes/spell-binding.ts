/** `packages [ tools ]` => `packages [ $tools ]`, if `let` binds `tools`. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { replace, type Fixer } from "./fixer.ts";

export const spellBinding: Fixer = (found, module) => {
  const bare = parametersOf(found, "bare-binding");
  if (bare === undefined) return [];
  return [replace(module, found.span, bare.instead, `write \`${bare.instead}\``, bare.isSure)];
};
