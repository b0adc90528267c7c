/** Applies the safe fixes of a file. Keeps a fix only if its diagnostic is gone afterwards, and no error is new. */
import type { Code } from "../diagnostics/catalogue.ts";
import { parametersOf, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { check, STRUCTURAL, type CheckResult, type Host, type Source } from "../language/index.ts";
import { applyEdits, Edits } from "./edits.ts";
import { fixesOf } from "./fixers.ts";
import type { OfferedFix } from "./fixer.ts";

/** The largest number of rounds: a fix can reveal further diagnostics. */
const MAX_ROUNDS = 20;
/** Brackets and quotes that are missing. Their place is a guess, which is only right if no error is left around it. */
const GUESSED: ReadonlySet<Code> = new Set<Code>([
  ...STRUCTURAL,
  "missing-braces",
  "missing-list-brackets",
  "other-brackets",
]);
/** Errors that cannot come from a bracket or quote in the wrong place. */
const HARMLESS: ReadonlySet<Code> = new Set<Code>(["unneeded-sign", "other-comment", "other-quotes", "quoted-name"]);
/** The largest number of fixes to try one by one if all fixes together did not help. Each try checks the file again. */
const MAX_TRIES = 50;

/** Further checks of a file, beside those of the language. */
export type Inspect = (result: CheckResult) => Promise<Diagnostic[]>;

interface Chosen {
  found: Diagnostic;
  fix: OfferedFix;
}

/** Returns the fixed text, and the titles of the applied fixes in order. */
export async function applyFixes(
  { path, text }: Source,
  host: Host,
  inspect: Inspect,
): Promise<{ text: string; made: string[] }> {
  const diagnose = async (of: string): Promise<[Diagnostic[], CheckResult]> => {
    const result = check({ path, text: of }, host);
    return [[...result.diagnostics, ...(await inspect(result))], result];
  };
  const made: string[] = [];
  const rejected = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [before, result] = await diagnose(text);
    const chosen = choose(before, result, path, rejected);
    if (chosen.length === 0) break;
    const alone = chosen.length > 1 ? chosen.slice(0, MAX_TRIES).map((each) => [each]) : [];
    let progress = false;
    for (const each of [chosen, ...alone]) {
      const after = applyEdits(
        text,
        each.flatMap(({ fix }) => fix.edits),
      );
      const [left, then] = await diagnose(after);
      const [now, earlier] = [counts(left), counts(before)];
      progress =
        each.every(({ found }) => (now.get(keyOf(found)) ?? 0) < (earlier.get(keyOf(found)) ?? 0)) &&
        (errors(before).length === 0 ? errors(left).length === 0 : errors(left).length < errors(before).length) &&
        !doublesSetting(now, earlier) &&
        each.every((one) => isPlausible(one, left, then));
      const [only, ...others] = each;
      if (!progress && only !== undefined && others.length === 0) rejected.add(keyOf(only.found));
      if (!progress) continue;
      text = after;
      rejected.clear();
      made.push(...each.map(({ fix }) => fix.title));
      break;
    }
    // Without the rejected fixes, others that overlap with them may be possible.
    if (!progress && chosen.every(({ found }) => !rejected.has(keyOf(found)))) break;
  }
  return { text, made };
}

/** The safe fixes that change only this file and do not overlap. */
function choose(diagnostics: Diagnostic[], result: CheckResult, path: string, rejected: ReadonlySet<string>): Chosen[] {
  const wrong = errors(diagnostics);
  // After a missing bracket or quote, the rest of the text may be misread.
  const structural = wrong.filter(({ code }) => STRUCTURAL.has(code));
  // Errors are fixed before warnings: a binding may be unused only because its use is misspelt.
  const chosen: Chosen[] = [];
  const edits = new Edits();
  // If a declaration cannot be read, its uses are errors as well. Fixes of these errors would change the meaning of the uses.
  const declarations = wrong.filter(
    (found) =>
      isOfDeclaration(found) && !rejected.has(keyOf(found)) && fixesOf(found, result).some(({ isSafe }) => isSafe),
  );
  const all = [structural, declarations, wrong, diagnostics].find((each) => each.length > 0) ?? [];
  // A fix of a name may move its values, so the values are fixed first.
  const isName = ({ code }: Diagnostic): number => (code === "unknown-setting" ? 1 : 0);
  for (const found of all.toSorted((a, b) => isName(a) - isName(b))) {
    const fix = rejected.has(keyOf(found)) ? undefined : fixesOf(found, result).find(({ isSafe }) => isSafe);
    if (fix === undefined || fix.edits.some(({ file }) => file !== path)) continue;
    if (edits.add(...fix.edits)) chosen.push({ found, fix });
  }
  return chosen.toSorted((a, b) => a.found.span.start - b.found.span.start);
}

/** Whether a diagnostic is about the form of a declaration at the top of the file. */
function isOfDeclaration(found: Diagnostic): boolean {
  const isUnnamed = parametersOf(found, "missing-value")?.name === "image";
  return isUnnamed || parametersOf(found, "unknown-setting")?.owner === "a file";
}

/** The number of diagnostics with the same code and message. */
function counts(diagnostics: readonly Diagnostic[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const each of diagnostics) all.set(keyOf(each), (all.get(keyOf(each)) ?? 0) + 1);
  return all;
}

function keyOf({ code, message }: Diagnostic): string {
  return `${code} ${message}`;
}

function errors(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

/** Whether fixes wrote a setting or entry that is there already. */
function doublesSetting(now: ReadonlyMap<string, number>, earlier: ReadonlyMap<string, number>): boolean {
  return [...now].some(([key, count]) => key.startsWith("doubled-") && count > (earlier.get(key) ?? 0));
}

/** Whether no error is left in the declaration to which a bracket or quote was added. */
function isPlausible({ found, fix }: Chosen, left: readonly Diagnostic[], { root }: CheckResult): boolean {
  if (!GUESSED.has(found.code)) return true;
  const [start = 0] = fix.edits.map(({ span }) => span.start);
  const declaration = root.document.settings.findLast(({ span }) => span.start <= start)?.span;
  const isInside = ({ file, span }: Diagnostic): boolean =>
    file === found.file &&
    (declaration === undefined || (declaration.start <= span.start && span.start <= declaration.end));
  const isMissing = ({ code }: Diagnostic): boolean => code === "missing-braces" || code === "missing-list-brackets";
  const isHarmless = (each: Diagnostic): boolean =>
    HARMLESS.has(each.code) || (isMissing(found) && isMissing(each) && each.fix !== undefined);
  return !errors(left).some((each) => isInside(each) && !isHarmless(each));
}
