// Makes the sure remedies of a file, as long as each resolves what it is for.
import type { Code } from "../diagnostics/catalogue.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { check, type CheckResult, type Host, type Source } from "../language/index.ts";
import { applyEdits, overlaps, type Edit } from "./edits.ts";
import { remedies } from "./fixers.ts";
import type { Remedy } from "./fixer.ts";

/** Enough for what one change brings to light. */
const rounds = 10;
const UNCLOSED: ReadonlySet<Code> = new Set([
  "unclosed-bracket",
  "unmatched-bracket",
  "unclosed-string",
  "nested-too-deep",
]);
/** How many are tried alone where they did not do together: each try is a check. */
const mostTries = 50;

/** More findings about a checked file than the language itself has. */
export type Inspect = (result: CheckResult) => Promise<Diagnostic[]>;

interface Chosen {
  found: Diagnostic;
  remedy: Remedy;
}

/** The mended text, and what was done, in order. */
export async function mend(
  { path, text }: Source,
  host: Host,
  inspect: Inspect,
): Promise<{ text: string; made: string[] }> {
  const findings = async (of: string): Promise<[Diagnostic[], CheckResult]> => {
    const result = check({ path, text: of }, host);
    return [[...result.diagnostics, ...(await inspect(result))], result];
  };
  const made: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [before, result] = await findings(text);
    const chosen = choose(before, result, path);
    if (chosen.length === 0) break;
    const alone = chosen.length > 1 ? chosen.slice(0, mostTries).map((each) => [each]) : [];
    let progress = false;
    for (const each of [chosen, ...alone]) {
      const after = applyEdits(
        text,
        each.flatMap(({ remedy }) => remedy.edits),
      );
      const [left] = await findings(after);
      progress = each.every(({ found }) => count(left, found) < count(before, found));
      if (!progress) continue;
      text = after;
      made.push(...each.map(({ remedy }) => remedy.title));
      break;
    }
    if (!progress) break;
  }
  return { text, made };
}

/** The sure remedies that change this file only and do not touch each other. */
function choose(diagnostics: Diagnostic[], result: CheckResult, path: string): Chosen[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  // After an unclosed bracket or string, the text may be misread.
  if (errors.some(({ code }) => UNCLOSED.has(code))) return [];
  // An unused name may be the correct spelling of a misspelt one, so errors are mended before warnings.
  const chosen: Chosen[] = [];
  const edits: Edit[] = [];
  for (const found of errors.length > 0 ? errors : diagnostics) {
    const remedy = remedies(found, result).find(({ sure }) => sure);
    if (remedy === undefined || remedy.edits.some(({ file }) => file !== path)) continue;
    if (remedy.edits.some((edit) => edits.some((other) => overlaps(edit.span, other.span)))) continue;
    chosen.push({ found, remedy });
    edits.push(...remedy.edits);
  }
  return chosen;
}

/** How many findings say the same. */
function count(diagnostics: readonly Diagnostic[], { code, message }: Diagnostic): number {
  return diagnostics.filter((each) => each.code === code && each.message === message).length;
}
