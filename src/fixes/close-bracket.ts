/** `packages [ hello` => `packages [ hello ]`. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import { placeAt } from "../language/document/place.ts";
import { settingsByName } from "../language/types/setting.ts";
import { replace, type Fixer } from "./fixer.ts";

const STRINGS_AND_COMMENTS = /"(?:\\.|[^"\\\n])*"|''[^]*?''|#.*/g;

export const closeBracket: Fixer = (found, module) => {
  const missing = parametersOf(found, "unclosed-bracket");
  if (missing === undefined) return [];
  const { text } = module.source;
  const { closing, offset } = missing;
  const content = text.slice(found.span.end, offset).replaceAll(STRINGS_AND_COMMENTS, " ");
  const levels = placeAt(module.document, text, found.span.start).levels;
  const outer = levels.flatMap(({ inside }) =>
    inside?.kind === "settings" ? [settingsByName(inside.settings())] : [],
  );
  // If the content has the name of an outer block's setting, the bracket may be missing before that name.
  const isSure = !(content.match(/[A-Za-z_][\w-]*/g) ?? []).some((word) => outer.some((names) => names.has(word)));
  return [replace(module, { start: offset, end: offset }, ` ${closing}`, `add \`${closing}\``, isSure)];
};
