/** Fixes that remove superfluous text. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { removal } from "../diagnostics/source.ts";
import { replace, type Fixer } from "./fixer.ts";
import { type Module, type Setting } from "../language/index.ts";
import { placeAt } from "../language/document/place.ts";

/** `no-setuid true` => `no-setuid`. `no-setuid false` is removed. */
export const removeFlagValue: Fixer = (found, module) => {
  const value = parametersOf(found, "flag-value");
  if (value === undefined) return [];
  const { name, input, isYes, unneeded } = value;
  const title = `remove \`${isYes ? input : `${name} ${input}`}\``;
  return [replace(module, removal(module.source.text, unneeded), "", title)];
};

/** Removes an unused binding. */
export const removeUnused: Fixer = ({ code, span }, module) => {
  if (code !== "unused-binding") return [];
  const { text } = module.source;
  const setting = placeAt(module.document, text, span.start).levels[0]?.setting;
  if (setting === undefined || setting.span.end < span.end) return [];
  return [replace(module, removal(text, setting.span), "", `remove \`${text.slice(span.start, span.end)}\``)];
};

const CODES = new Set(["doubled-setting", "doubled-entry", "doubled-binding", "doubled-image"]);

/** `tag "v1" tag "v1"` => `tag "v1"`. If the two settings differ, the user must choose. */
export const removeDoubled: Fixer = ({ code, span, related: [first] }, module) => {
  if (!CODES.has(code) || first === undefined || first.file !== module.source.path) return [];
  const [one, two] = [settingAt(module, first.span.start), settingAt(module, span.start)];
  if (one === undefined || two === undefined || one === two) return [];
  const { text } = module.source;
  const normalized = ({ span: { start, end } }: Setting): string => text.slice(start, end).replaceAll(/\s+/g, " ");
  const same = normalized(one) === normalized(two);
  const name = text.slice(span.start, span.end);
  const remove = (setting: Setting, title: string, isSafe: boolean) =>
    replace(module, removal(text, setting.span), "", title, isSafe);
  if (same) return [remove(two, `remove the second \`${name}\`, which is the same`, true)];
  return [remove(two, `remove this \`${name}\``, false), remove(one, `remove the first \`${name}\``, false)];
};

/** `auto each` => `auto` or `each`: of two steps that take all remaining paths, the user must choose. */
export const removeStep: Fixer = (found, module) => {
  const [first] = found.related;
  if (parametersOf(found, "unreachable-step")?.takesAll !== true || first === undefined) return [];
  const { text } = module.source;
  return [found.span, first.span].map((span) =>
    replace(module, removal(text, span), "", `remove \`${text.slice(span.start, span.end)}\``, false),
  );
};

function settingAt({ document, source }: Module, offset: number): Setting | undefined {
  return placeAt(document, source.text, offset).levels.at(-1)?.setting;
}
