// What resolves a finding: all fixes there are, asked in turn.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { visible, type CheckResult } from "../language/index.ts";
import { addMissing } from "./add-missing.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Fixer, Remedy } from "./fixer.ts";
import { removeDoubled } from "./remove-doubled.ts";
import { removeFlagValue } from "./remove-flag-value.ts";
import { removeUnused } from "./remove-unused.ts";
import { spellBinding } from "./spell-binding.ts";
import { spellMode } from "./spell-mode.ts";
import { spellPath } from "./spell-path.ts";
import { spellSize } from "./spell-size.ts";

const fixers: Fixer[] = [
  didYouMean,
  spellBinding,
  spellPath,
  spellMode,
  spellSize,
  removeFlagValue,
  removeUnused,
  removeDoubled,
  addMissing,
];

/** The remedies of a finding, the likeliest first. */
export function remedies(found: Diagnostic, { root }: Pick<CheckResult, "root">): Remedy[] {
  const module = visible(root).find(({ source }) => source.path === found.file);
  return module === undefined ? [] : fixers.flatMap((fixer) => fixer(found, module));
}

/** A finding with the remedy that is sure, where there is one. */
export function withFix(found: Diagnostic, result: Pick<CheckResult, "root">): Diagnostic {
  const fix = remedies(found, result).find(({ sure }) => sure);
  return fix === undefined ? found : { ...found, fix };
}
