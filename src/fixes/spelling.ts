/** Fixes that correct a name or path. */
import { type Fixer, replace } from "./fixer.ts";
import { parametersOf } from "../diagnostics/diagnostic.ts";

/** `pakages [ hello ]` => `packages [ hello ]`: the diagnostic already has the fix. */
export const didYouMean: Fixer = ({ fix }) => (fix === undefined ? [] : [{ ...fix, isSafe: true }]);

/** The changes among which the user must choose. */
export const choose: Fixer = ({ choices = [] }) => choices.map((each) => ({ ...each, isSafe: false }));

/** `packages [ tools ]` => `packages [ $tools ]`, if `let` binds `tools`. */
export const spellBinding: Fixer = (found, module) => {
  const bare = parametersOf(found, "bare-binding");
  if (bare === undefined) return [];
  return [replace(module, found.span, bare.instead, `write \`${bare.instead}\``, bare.isSure)];
};

/** `copy nginx.conf` => `copy ./nginx.conf`, if the file is beside the description. */
export const spellPath: Fixer = (found, module) => {
  const bare = parametersOf(found, "bare-path");
  if (bare === undefined) return [];
  const instead = `./${bare.input}`;
  return [replace(module, found.span, instead, `write \`${instead}\``, bare.isSure)];
};
