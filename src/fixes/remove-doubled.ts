// `tag "v1" tag "v1"` => `tag "v1"`. Where the two differ, only a person can say which is right.
import type { Module, Setting } from "../language/index.ts";
import { placeAt } from "../language/document/place.ts";
import { removal, replace, type Fixer } from "./fixer.ts";

const codes = new Set(["doubled-setting", "doubled-entry", "doubled-binding", "doubled-image"]);

export const removeDoubled: Fixer = ({ code, span, related: [first] }, module) => {
  if (!codes.has(code) || first === undefined || first.file !== module.source.path) return [];
  const [one, two] = [settingAt(module, first.span.start), settingAt(module, span.start)];
  if (one === undefined || two === undefined || one === two) return [];
  const { text } = module.source;
  const written = ({ span: { start, end } }: Setting): string => text.slice(start, end).replaceAll(/\s+/g, " ");
  const same = written(one) === written(two);
  const name = text.slice(span.start, span.end);
  const remove = (setting: Setting, title: string, sure: boolean) =>
    replace(module, removal(text, setting.span), "", title, sure);
  if (same) return [remove(two, `remove the second \`${name}\`, which says the same`, true)];
  return [remove(two, `remove this \`${name}\``, false), remove(one, `remove the first \`${name}\``, false)];
};

function settingAt({ document, source }: Module, offset: number): Setting | undefined {
  return placeAt(document, source.text, offset).levels.at(-1)?.setting;
}
