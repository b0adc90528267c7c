// `pakages [ hello ]` => `packages [ hello ]`: the checker itself knows what was meant.
import type { Fixer } from "./fixer.ts";

export const didYouMean: Fixer = ({ fix }) => (fix === undefined ? [] : [{ ...fix, sure: true }]);
