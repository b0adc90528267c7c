/** `interval 30sec`, `interval "30 s"`, `interval 1m30s` => `30s`, `90s`. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { durations, durationUnit } from "../language/types/number.ts";
import { replace, type Fixer } from "./fixer.ts";

const NAMES: Readonly<Record<string, string>> = {
  ms: "ms msec msecs millis millisecond milliseconds",
  s: "s sec secs second seconds",
  m: "m min mins minute minutes",
  h: "h hr hrs hour hours",
  d: "d day days",
};

export const spellDuration: Fixer = (found, module) => {
  if (parametersOf(found, "wrong-type")?.expected !== durationUnit.label) return [];
  const input = module.source.text.slice(found.span.start, found.span.end).replaceAll('"', "").toLowerCase();
  if (!/^\s*(?:\d+\s*[a-z]+\s*)+$/.test(input)) return [];
  let total = 0;
  let last: string | undefined;
  for (const [, digits, name = ""] of input.matchAll(/(\d+)\s*([a-z]+)/g)) {
    last = Object.keys(NAMES).find((unit) => NAMES[unit]?.split(" ").includes(name));
    if (last === undefined) return [];
    total += Number(digits) * (durations[last] ?? 0);
  }
  if (last === undefined) return [];
  const corrected = `${total / (durations[last] ?? 1)}${last}`;
  return [replace(module, found.span, corrected, `write \`${corrected}\``)];
};
