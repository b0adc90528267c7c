/** `pakages [ hello ]` => `packages [ hello ]`: the diagnostic already has the fix. */
import type { Fixer } from "./fixer.ts";

export const didYouMean: Fixer = ({ fix }) => (fix === undefined ? [] : [{ ...fix, isSafe: true }]);
