/** `contents [ bash ]` => `packages [ bash ]`; `Cmd [ "sh" ]` => `config { cmd [ "sh" ] }`, or into the `config` that is there. */
import { parametersOf } from "../diagnostics/diagnostic.ts";
import type { BlockTerm, Document, Module, Span } from "../language/index.ts";
import { nameOf } from "../language/syntax/tree.ts";
import { placeAt } from "../language/document/place.ts";
import { applyEdits } from "./edits.ts";
import { removal } from "../diagnostics/source.ts";
import { separatorBefore, type Fixer, type OfferedFix } from "./fixer.ts";

export const useSynonym: Fixer = (found, module) => {
  const { path, isOuter = false, edits } = parametersOf(found, "unknown-setting") ?? {};
  const [name, ...inner] = (path ?? []).toReversed();
  if (name === undefined || edits === undefined || found.fix !== undefined) return [];
  const { text } = module.source;
  const { levels } = placeAt(module.document, text, found.span.start);
  const setting = levels.at(-1)?.setting;
  const block = isOuter ? levels[1]?.block : levels.at(-1)?.block;
  if (setting === undefined || block === undefined) return [];
  const outer = inner.toReversed();
  const nameEnd = setting.name.span.end;
  const inValues = edits.map(({ span, text: instead }) => ({
    span: { start: span.start - nameEnd, end: span.end - nameEnd },
    text: instead,
  }));
  const written = name + applyEdits(text.slice(nameEnd, setting.span.end), inValues);
  const { found: existing, left } = descend(block, outer);
  const title = `write \`${[...outer, name].join(" { ")}${" }".repeat(outer.length)}\``;
  const wrapped = left.reduceRight((content, each) => `${each} { ${content} }`, written);
  if (existing === block && !isOuter) return [fix(module, title, [{ span: setting.span, text: wrapped }])];
  if (!("kind" in existing) || text[existing.span.end - 1] !== "}") return [];
  const end = existing.settings.at(-1)?.span.end ?? existing.span.start + 1;
  const after = isOuter && existing === block ? levels[1]?.setting?.span.end : end;
  if (after === undefined) return [];
  const last = existing.settings.at(-1);
  const separator = last === undefined ? " " : separatorBefore(last, text);
  const moved = { span: { start: after, end: after }, text: separator + wrapped };
  return [fix(module, title, [{ span: removal(text, setting.span), text: "" }, moved])];
};

function fix(module: Module, title: string, edits: { span: Span; text: string }[]): OfferedFix {
  return { title, isSafe: true, edits: edits.map((edit) => ({ file: module.source.path, ...edit })) };
}

/** The innermost existing block of a path, and the names of the blocks that are missing in it. */
function descend(
  block: Document | BlockTerm,
  path: readonly string[],
): { found: Document | BlockTerm; left: string[] } {
  const [first, ...rest] = path;
  const setting = block.settings.find((each) => nameOf(each.name) === first);
  const inside = setting?.values.find((value): value is BlockTerm => value.kind === "block");
  return first === undefined || inside === undefined ? { found: block, left: [...path] } : descend(inside, rest);
}
