/** `mode 0o755`, `mode "755"`, `mode rwxr-xr-x` => `mode 0755`. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { mode } from "../language/types/number.ts";
import { replace, type Fixer } from "./fixer.ts";

export const spellMode: Fixer = (found, module) => {
  if (parametersOf(found, "wrong-type")?.expected !== mode.label) return [];
  const input = module.source.text.slice(found.span.start, found.span.end).replaceAll('"', "");
  const corrected = octal(input) ?? symbolic(input);
  return corrected === undefined ? [] : [replace(module, found.span, corrected, `write \`${corrected}\``)];
};

function octal(input: string): string | undefined {
  const digits = /^0*(?:0[oO])?([0-7]{3,4})$/.exec(input)?.[1];
  return digits && `0${digits.replace(/^0(?=...)/, "")}`;
}

/** A mode as `ls` prints it: nine letters, of which `s` and `t` also set a special bit. */
function symbolic(input: string): string | undefined {
  if (!/^(?:[r-][w-][xsS-]){2}[r-][w-][xtT-]$/.test(input)) return undefined;
  const bits = Array.from(input, (letter) => (/[-ST]/.test(letter) ? "0" : "1")).join("");
  const special = [2, 5, 8].map((at) => (/[sStT]/.test(input[at] ?? "") ? "1" : "0")).join("");
  const digits = [special, bits.slice(0, 3), bits.slice(3, 6), bits.slice(6)].map((group) => Number.parseInt(group, 2));
  return `0${digits.join("").replace(/^0/, "")}`;
}
