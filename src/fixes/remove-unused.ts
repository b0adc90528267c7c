/** Removes an unused binding. */
import { removal, replace, type Fixer } from "./fixer.ts";

export const removeUnused: Fixer = ({ code, span }, module) => {
  if (code !== "unused-binding") return [];
  const { text } = module.source;
  const setting = module.document.settings.find((each) => each.span.start <= span.start && span.end <= each.span.end);
  if (setting === undefined) return [];
  return [replace(module, removal(text, setting.span), "", `remove \`${text.slice(span.start, span.end)}\``)];
};
