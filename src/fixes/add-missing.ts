/** `users { api { gid 1 } }` => `users { api { gid 1 uid 1000 } }`, with the value of the schema's example. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import type { BlockTerm } from "../language/index.ts";
import { placeAt } from "../language/document/place.ts";
import { findSetting } from "../language/types/setting.ts";
import { insideOf } from "../language/types/type.ts";
import { replace, separatorBefore, type Fixer } from "./fixer.ts";

export const addMissing: Fixer = (found, module) => {
  const missing = parametersOf(found, "missing-setting");
  if (missing === undefined) return [];
  const { text } = module.source;
  const level = placeAt(module.document, text, found.span.start).levels.at(-1);
  const block = level?.setting?.values.find((value): value is BlockTerm => value.kind === "block");
  const inside = insideOf(level?.type, level?.setting?.values ?? []);
  const known = inside?.kind === "settings" ? findSetting(inside.settings(), missing.name)?.[1] : undefined;
  // If the closing brace is missing too, it must be added first.
  if (block === undefined || known === undefined || text[block.span.end - 1] !== "}") return [];
  const last = block.settings.at(-1);
  const at = last?.span.end ?? block.span.start + 1;
  const separator = last === undefined ? " " : separatorBefore(last, text);
  return [replace(module, { start: at, end: at }, separator + known.example, `add \`${known.example}\``)];
};
