/** `tag "v1" tag "v1"` => `tag "v1"`. If the two settings differ, the user must choose. */
import type { Module, Setting } from "../language/index.ts";
import { placeAt } from "../language/document/place.ts";
import { removal, replace, type Fixer } from "./fixer.ts";

const CODES = new Set(["doubled-setting", "doubled-entry", "doubled-binding", "doubled-image"]);

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

function settingAt({ document, source }: Module, offset: number): Setting | undefined {
  return placeAt(document, source.text, offset).levels.at(-1)?.setting;
}
