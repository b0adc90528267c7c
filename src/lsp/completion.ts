/**
 * Completes the text at the cursor. The schema defines the settings and the forms of values; names, paths and packages
 * come from the files and the package set.
 */
import {
  lookUp,
  type Binding,
  type CheckResult,
  type Module,
  type Setting,
  type StringTerm,
} from "../language/index.ts";
import { placeAt, type Level } from "../language/document/place.ts";
import { attributeForm, bindingForm } from "../language/types/form.ts";
import { findSetting } from "../language/types/setting.ts";
import { fill, settingCandidates, type World } from "./candidates.ts";
import { images } from "./declared.ts";
import { expected, tokensBefore, type Expected, type Token } from "./expected.ts";
import { pathCandidates } from "./paths.ts";
import type { Form } from "../language/types/type.ts";
import type { Candidate } from "./candidate.ts";

export function complete({ root }: Pick<CheckResult, "root">, offset: number, world: World): Candidate[] {
  const { document, source } = root;
  const { text } = source;
  if (document.comments.some(({ start, end }) => start < offset && offset <= end)) return [];
  const { levels, term } = placeAt(document, text, offset);
  const level = levels.at(-1);
  if (level === undefined) return [];
  if (term?.kind === "string" && isInside(term, text, offset)) return inString(term, level, root, offset, world);
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  const span = { start: offset - wordBefore(line).length, end: offset };
  const setting = valueOwner(level, span.start);
  const tokens = setting === undefined ? [] : tokensBefore(setting.values, span.start, text);
  const form = setting === undefined ? keyForm(level) : typeOf(level, setting)?.form;
  const { next, complete: ended } = form === undefined ? { next: [], complete: true } : expected(form, tokens);
  const fits = ({ kind, label }: Candidate): boolean =>
    kind !== "binding" || form === undefined || isFitting(form, tokens, lookUp(root, label.slice(1)));
  const found = fill(next, span, root, world).filter(fits);
  if (ended && setting !== undefined && level.inside?.kind === "entries")
    found.push(...fill(expected(level.inside.key, []).next, span, root, world));
  // At the start of a line the user may be typing the next setting's name, although a value is missing.
  const mayBeName = ended || (/^\s*\S*$/.test(line) && !opened(tokens));
  if (level.inside?.kind === "settings" && mayBeName)
    found.push(...settingCandidates(level, level.inside.settings(), span, text.slice(span.start, span.end)));
  const seen = new Set<string>();
  const keyOf = ({ text: inserted, filter = "" }: Candidate): string => `${inserted} ${filter}`;
  return found.filter((each) => !seen.has(keyOf(each)) && seen.add(keyOf(each)));
}

/** The characters at the end of a line that belong to one word or path. A search from the end takes linear time. */
function wordBefore(line: string): string {
  let start = line.length;
  while (start > 0 && /[^\s"'[\]{}#]/.test(line[start - 1] as string)) start--;
  return line.slice(start);
}

/** The setting to which a value at the offset belongs. If the offset is in a setting's name, the setting before. */
function valueOwner({ block, setting }: Level, offset: number): Setting | undefined {
  if (setting === undefined || setting.name.span.end <= offset) return setting;
  return block.settings[block.settings.indexOf(setting) - 1];
}

/** Whether the tokens end inside a list. */
function opened(tokens: readonly Token[]): boolean {
  return tokens.findLastIndex(({ text }) => text === "[") > tokens.findLastIndex(({ text }) => text === "]");
}

/** Whether the value of a binding fits where its name would be inserted. */
function isFitting(form: Form, tokens: readonly Token[], binding: Binding | undefined): boolean {
  if (binding?.meaning?.kind !== "let") return true;
  const { term } = binding.meaning;
  const value = tokensBefore([term], Infinity, binding.module.source.text);
  // In a list, a `$name` that is bound to a list is replaced by that list's items.
  const spliced = term.kind === "list" && opened(tokens) ? value.slice(1, -1) : value;
  const { next, complete: ended } = expected(form, [...tokens, ...spliced]);
  return ended || next.length > 0;
}

/** Candidates inside a string: interpolated names, paths after `path`, and names of images. */
function inString(term: StringTerm, level: Level, root: Module, offset: number, world: World): Candidate[] {
  const { text, path } = root.source;
  // Only the last `${` can be the one at the cursor.
  const opening = Math.max(text.lastIndexOf("${", offset), term.span.start + 2);
  const interpolated = /(?<!\\|'')\$\{[ \t]*([^\s}]*)$/.exec(text.slice(opening - 2, offset))?.[1];
  if (interpolated !== undefined) {
    const span = { start: offset - interpolated.length, end: offset };
    const names: Expected[] = [
      { form: bindingForm, names: ["binding"] },
      { form: attributeForm, names: ["attribute-path"] },
    ];
    return fill(names, span, root, world);
  }
  const { setting } = level;
  const type = setting && typeOf(level, setting);
  if (setting === undefined || type === undefined || setting.name === term) return [];
  const start = term.span.start + (term.form === "quoted" ? 1 : 2);
  const span = { start, end: offset };
  const tokens = tokensBefore(setting.values, term.span.start + 1, text);
  if (tokens.at(-1)?.text === "path") return pathCandidates(text.slice(start, offset), span, path, world, true);
  if (!expected(type.form, tokens).next.some(({ names }) => names.includes("image-name"))) return [];
  return images(root).map(({ name, ...rest }) => ({ kind: "image", label: name, text: name, span, ...rest }));
}

function isInside({ span: { start, end }, form }: StringTerm, text: string, offset: number): boolean {
  const quote = form === "quoted" ? '"' : "''";
  const closed = end - start >= 2 * quote.length && text.startsWith(quote, end - quote.length);
  return start + quote.length <= offset && (closed ? offset <= end - quote.length : offset <= end);
}

function typeOf({ inside }: Level, { name }: Setting) {
  if (inside?.kind === "entries") return inside.value;
  return inside === undefined || name.kind !== "word" ? undefined : findSetting(inside.settings(), name.text)?.[1].type;
}

/** The form of the keys in a block of entries. */
function keyForm({ inside }: Level): Form | undefined {
  return inside?.kind === "entries" ? inside.key : undefined;
}
