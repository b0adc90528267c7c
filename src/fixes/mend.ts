// Makes every sure remedy of a file, until there is none.
import { check, type Host, type Source } from "../language/index.ts";
import { applyEdits, overlaps, type Edit } from "./edits.ts";
import { remedies } from "./remedies.ts";

/** Enough for what one change brings to light; two that undo each other must not go on for ever. */
const rounds = 10;

/** The mended text, and what was done, in order. */
export function mend({ path, text }: Source, host: Host): { text: string; made: string[] } {
  const made: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const edits: Edit[] = [];
    const result = check({ path, text }, host);
    // What seems unused may be what a misspelt name meant, so errors are mended first.
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    for (const found of errors.length > 0 ? errors : result.diagnostics) {
      const sure = remedies(found, result).find(
        (remedy) => remedy.sure && remedy.edits.every(({ file }) => file === path),
      );
      if (sure === undefined || sure.edits.some((edit) => edits.some((other) => overlaps(edit.span, other.span))))
        continue;
      edits.push(...sure.edits);
      made.push(sure.title);
    }
    if (edits.length === 0) break;
    text = applyEdits(text, edits);
  }
  return { text, made };
}
