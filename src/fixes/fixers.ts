/** Collects the fixes of a diagnostic from all fixers. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { visible, type CheckResult } from "../language/index.ts";
import { addMissing } from "./add-missing.ts";
import { addPackageSet, addSetting } from "./add-setting.ts";
import { closeBracket } from "./close-bracket.ts";
import { declareParameter, nameImage } from "./declarations.ts";
import { useSynonym } from "./use-synonym.ts";
import { escapeInterpolation } from "./escape-interpolation.ts";
import type { Fixer, OfferedFix } from "./fixer.ts";
import { removeDoubled, removeFlagValue, removeStep, removeUnused } from "./removals.ts";
import { spellDuration } from "./spell-duration.ts";
import { spellMode } from "./spell-mode.ts";
import { spellSize } from "./spell-size.ts";
import { choose, didYouMean, spellBinding, spellPath } from "./spelling.ts";

const FIXERS: Fixer[] = [
  spellMode,
  spellSize,
  spellDuration,
  didYouMean,
  choose,
  closeBracket,
  useSynonym,
  spellBinding,
  spellPath,
  removeFlagValue,
  removeUnused,
  removeDoubled,
  removeStep,
  addMissing,
  addSetting,
  addPackageSet,
  escapeInterpolation,
  nameImage,
  declareParameter,
];

/** The fixes of a diagnostic, the likeliest first. */
export function fixesOf(found: Diagnostic, { root }: Pick<CheckResult, "root">): OfferedFix[] {
  const module = visible(root).find(({ source }) => source.path === found.file);
  const fixes = module === undefined ? [] : FIXERS.flatMap((fixer) => fixer(found, module));
  return [...Map.groupBy(fixes, ({ title }) => title).values()].flatMap(([first]) => first ?? []);
}

/** Adds the safe fix to a diagnostic, if there is one. */
export function withFix(found: Diagnostic, result: Pick<CheckResult, "root">): Diagnostic {
  const fix = fixesOf(found, result).find(({ isSafe }) => isSafe);
  return fix === undefined ? found : { ...found, fix };
}
