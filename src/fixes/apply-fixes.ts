/** Applies the safe fixes of a file. Keeps a fix only if its diagnostic is gone afterwards. */
import type { Code } from "../diagnostics/catalogue.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { check, type CheckResult, type Host, type Source } from "../language/index.ts";
import { applyEdits, overlaps, type Edit } from "./edits.ts";
import { fixesOf } from "./fixers.ts";
import type { OfferedFix } from "./fixer.ts";

/** The largest number of rounds: a fix can reveal further diagnostics. */
const MAX_ROUNDS = 10;
const UNCLOSED: ReadonlySet<Code> = new Set([
  "unclosed-bracket",
  "unmatched-bracket",
  "unclosed-string",
  "nested-too-deep",
]);
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
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [before, result] = await diagnose(text);
    const chosen = choose(before, result, path);
    if (chosen.length === 0) break;
    const alone = chosen.length > 1 ? chosen.slice(0, MAX_TRIES).map((each) => [each]) : [];
    let progress = false;
    for (const each of [chosen, ...alone]) {
      const after = applyEdits(
        text,
        each.flatMap(({ fix }) => fix.edits),
      );
      const [left] = await diagnose(after);
      progress = each.every(({ found }) => count(left, found) < count(before, found));
      if (!progress) continue;
      text = after;
      made.push(...each.map(({ fix }) => fix.title));
      break;
    }
    if (!progress) break;
  }
  return { text, made };
}

/** The safe fixes that change only this file and do not overlap. */
function choose(diagnostics: Diagnostic[], result: CheckResult, path: string): Chosen[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  // After an unclosed bracket or string, the rest of the text may be misread.
  if (errors.some(({ code }) => UNCLOSED.has(code))) return [];
  // Errors are fixed before warnings: a binding may be unused only because its use is misspelt.
  const chosen: Chosen[] = [];
  const edits: Edit[] = [];
  for (const found of errors.length > 0 ? errors : diagnostics) {
    const fix = fixesOf(found, result).find(({ isSafe }) => isSafe);
    if (fix === undefined || fix.edits.some(({ file }) => file !== path)) continue;
    if (fix.edits.some((edit) => edits.some((other) => overlaps(edit.span, other.span)))) continue;
    chosen.push({ found, fix });
    edits.push(...fix.edits);
  }
  return chosen;
}

/** The number of diagnostics with the same code and message. */
function count(diagnostics: readonly Diagnostic[], { code, message }: Diagnostic): number {
  return diagnostics.filter((each) => each.code === code && each.message === message).length;
}
