/** `imgc explain CODE`: explains a diagnostic, with a wrong and a right example. */
import { catalogue, type Code } from "../../diagnostics/catalogue.ts";
import { didYouMean } from "../../diagnostics/entries/entry.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { paintFor } from "../terminal/style.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";

export function explain(code: string | undefined): void {
  const codes = Object.keys(catalogue) as Code[];
  if (code === undefined) {
    const widest = Math.max(...codes.map((each) => each.length));
    for (const each of codes.toSorted())
      process.stdout.write(`${each.padEnd(widest)}  ${catalogue[each].explanation.split("\n")[0] ?? ""}\n`);
    return;
  }
  const found = codes.find((each) => each === code);
  if (found === undefined) {
    const near = didYouMean(suggest(code, codes)) || "; imgc explain lists all codes";
    throw new ImgcError(EXIT.usage, `unknown diagnostic \`${code}\`${near}`);
  }
  const { severity, explanation, bad, good } = catalogue[found];
  const paint = paintFor(process.stdout);
  const title = (text: string): string => paint("title", text);
  const indented = (text: string): string => text.trimEnd().replace(/^(?=.)/gm, "    ");
  process.stdout.write(`${title(found)} (${severity})\n\n${explanation}\n\n`);
  process.stdout.write(`${title("Wrong")}\n\n${indented(bad)}\n\n${title("Right")}\n\n${indented(good)}\n`);
}
