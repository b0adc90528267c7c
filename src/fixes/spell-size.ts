/** `size <= 250mib`, `size <= "250 MiB"`, `size <= 0.5G` => `250MiB`, `500MB`. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { sizes, sizeUnit } from "../language/types/number.ts";
import { replace, type Fixer } from "./fixer.ts";

export const spellSize: Fixer = (found, module) => {
  if (parametersOf(found, "wrong-type")?.expected !== sizeUnit.label) return [];
  const input = module.source.text.slice(found.span.start, found.span.end).replaceAll('"', "").trim();
  const [, digits, letters] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(input) ?? [];
  const unit = Object.keys(sizes).find((name) => normalized(name) === normalized(letters ?? ""));
  if (digits === undefined || unit === undefined) return [];
  const corrected = inWholeUnits(Number(digits) * (sizes[unit] ?? 0), unit);
  return corrected === undefined ? [] : [replace(module, found.span, corrected, `write \`${corrected}\``)];
};

/** `MB`, `Mb` and `M` are spellings of one unit, and differ from `Mi`. */
function normalized(unit: string): string {
  return unit.toLowerCase().replace(/(?<=.)b$/, "");
}

/** A number of bytes as a whole number of the largest unit, up to `unit`, of the same kind (binary or decimal). */
function inWholeUnits(bytes: number, unit: string): string | undefined {
  const binary = unit.includes("i");
  const units = Object.entries(sizes).filter(
    ([name, size]) => (name.includes("i") === binary || name === "B") && size <= (sizes[unit] ?? 0),
  );
  const [name, size] = units.toSorted((left, right) => right[1] - left[1]).find(([, each]) => bytes % each === 0) ?? [];
  return name === undefined || size === undefined ? undefined : `${bytes / size}${name}`;
}
