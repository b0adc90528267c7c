/** Accepts values without their brackets, as in `layers max 80` and `packages bash jq`. */
import { diagnostic, type Diagnostic, type Fix } from "../../diagnostics/diagnostic.ts";
import { short } from "../../diagnostics/entries/entry.ts";
import { diagnosticAfter, type Context } from "./context.ts";
import { settingsByName } from "../types/setting.ts";
import { describe, insideOf, type Type } from "../types/type.ts";
import { otherBrackets } from "../syntax/foreign-syntax.ts";
import { joined, type RawTerm } from "../syntax/terms.ts";
import { listedEntries } from "./listed-entries.ts";
import { between, plainText, type Span, type Term } from "../syntax/tree.ts";

/** Tells the names in a block from its values. */
export interface Names {
  /** Whether a term begins the next setting or entry. */
  isName(at: number): boolean;
}

interface Values {
  terms: readonly RawTerm[];
  /** Indexes in `terms`: the start of the setting's values, and the end of the values that its type accepts. */
  start: number;
  end: number;
  type: Type<unknown> | undefined;
  names: Names;
}

export interface Wrapped {
  /** The terms to replace by one term in brackets. */
  start: number;
  end: number;
  term: RawTerm;
}

/** Puts values into missing brackets, or changes wrong ones, and reports that; undefined if all brackets are right. */
export function wrap(values: Values, context: Context): Wrapped | undefined {
  const { terms, start, type } = values;
  // A type of blocks also takes one term that is not a block.
  const blockStart = type?.form.kind === "block" ? start : values.end;
  const listed = listedEntries(terms, start, blockStart, type, context);
  if (listed !== undefined) return { start: blockStart, end: blockStart + listed.count, term: listed.term };
  const forms = withoutListBrackets(values, context);
  if (forms !== undefined) return forms;
  let isBlock = false;
  for (let at = start; at < values.end; at++) isBlock ||= terms[at]?.kind === "braces";
  const settingsEnd = isBlock ? blockStart : endOfSettings(values, blockStart, context);
  if (settingsEnd > blockStart) {
    const span = spanOf(terms, blockStart, settingsEnd);
    report("missing-braces", "{", "}", span, context);
    const inner = terms.slice(blockStart, settingsEnd);
    return { start: blockStart, end: settingsEnd, term: { kind: "braces", terms: inner, span } };
  }
  const wrong = isBlock ? undefined : listForBlock(blockStart, values, context);
  if (wrong !== undefined) return wrong;
  const listStart = type?.listAt?.(terms, start);
  if (listStart === undefined || terms[listStart]?.kind === "list") return undefined;
  const other = withSet(listStart, terms, context) ?? blockForList(listStart, values, context);
  if (other !== undefined) return other;
  const itemsEnd = endOfItems(values, listStart, terms[start - 1], context);
  const first = itemsEnd === listStart ? undefined : terms[listStart];
  if (first === undefined) return undefined;
  const span = spanOf(terms, listStart, itemsEnd);
  const items = joined(terms, listStart, itemsEnd) as Term[];
  const single = quotedList(items, type, context) ?? listFor(items, type, context);
  if (single !== undefined) return { start: listStart, end: itemsEnd, term: single };
  const maySingle = first.kind === "reference" || type?.mayBeSingle === true;
  // A word on the next line is more likely a setting, unless the line is indented.
  const [, second] = items;
  const isDeeper = second !== undefined && isIndentedMore(terms[start - 1], second, context);
  const isLined = context.source.text.slice(first.span.end, second?.span.start ?? span.end).includes("\n");
  const isRight = maySingle && (second === undefined || (isLined && !isDeeper));
  if (isRight && unmatchedAfter(span, "]", context) === undefined) return undefined;
  report("missing-list-brackets", "[", "]", span, context, splitItem(items, context));
  return {
    start: listStart,
    end: itemsEnd,
    term: { kind: "list", items, terms: terms.slice(listStart, itemsEnd), span },
  };
}

/** `compression gzip zstd` and `compression { gzip zstd }`, where a single value needs no list, but several values do. */
function withoutListBrackets({ terms, start, type }: Values, context: Context): Wrapped | undefined {
  const first = terms[start];
  if (type?.itemsAt === undefined || first === undefined) return undefined;
  if (first.kind === "braces") {
    const { terms: inner, span } = first;
    const { items, end } = type.itemsAt(inner, 0);
    if (items === 0 || end < inner.length) return undefined;
    context.diagnostics.push(changeBrackets(span, "[", "]", context));
    return { start, end: start + 1, term: listOf(inner, span) };
  }
  const { items, end } = type.itemsAt(terms, start);
  if (items < 2) return undefined;
  const span = spanOf(terms, start, end);
  report("missing-list-brackets", "[", "]", span, context);
  return { start, end, term: listOf(terms.slice(start, end), span) };
}

function listOf(terms: RawTerm[], span: Span): RawTerm {
  return { kind: "list", items: joined(terms) as Term[], terms, span };
}

/** `config [ user "0" ]`, where a block is needed. */
function listForBlock(at: number, { terms, start, type }: Values, context: Context): Wrapped | undefined {
  const list = terms[at];
  if (list?.kind !== "list" || insideOf(type, terms, start, at) === undefined) return undefined;
  for (const term of list.terms) {
    const found = term.kind === "braces" ? context.found.get(term.span.start) : undefined;
    if (found?.code === "block-in-list") context.explained.add(found);
  }
  context.diagnostics.push(changeBrackets(list.span, "{", "}", context));
  return { start: at, end: at + 1, term: { kind: "braces", terms: list.terms, span: list.span } };
}

/** `packages { hello }`, where a list is needed. */
function blockForList(at: number, { terms, start, type }: Values, context: Context): Wrapped | undefined {
  const block = terms[at];
  if (block?.kind !== "braces") return undefined;
  if (block.terms.some(({ kind }) => kind === "braces")) return keysForList(at, block, context);
  const inside = insideOf(type, terms, start, at);
  const [first] = block.terms;
  const isSetting =
    inside?.kind === "settings" && first?.kind === "word" && settingsByName(inside.settings()).has(first.text);
  if (isSetting) return undefined;
  context.diagnostics.push(changeBrackets(block.span, "[", "]", context));
  const items = joined(block.terms) as Term[];
  return { start: at, end: at + 1, term: { kind: "list", items, terms: block.terms, span: block.span } };
}

/** `expose { "8080/tcp" = { }; }`, as in the config of Docker, whose lists are the names of a set. */
function keysForList(at: number, block: RawTerm & { kind: "braces" }, context: Context): Wrapped | undefined {
  const found = changeBrackets(block.span, "[", "]", context);
  const items: RawTerm[] = [];
  for (const [i, term] of block.terms.entries()) {
    if (term.kind === "operator" && term.text === "=") continue;
    const before = items.at(-1);
    if (term.kind !== "braces") items.push(term);
    else if (term.terms.length > 0 || before === undefined || block.terms[i - 1]?.kind === "braces") return undefined;
    else {
      const span = { start: before.span.end, end: term.span.end };
      found.fix?.edits.push({ file: context.source.path, span, text: "" });
      // The colon before the block is removed together with the block.
      for (let offset = span.start; offset < span.end; offset++) {
        const sign = context.found.get(offset);
        if (sign?.code === "unneeded-sign") context.explained.add(sign);
      }
    }
  }
  context.diagnostics.push(found);
  const list: RawTerm = { kind: "list", items: joined(items) as Term[], terms: items, span: block.span };
  return { start: at, end: at + 1, term: list };
}

/** `packages with pkgs; [ hello ]`, as in Nix. */
function withSet(at: number, terms: readonly RawTerm[], context: Context): Wrapped | undefined {
  const [keyword, set, list] = terms.slice(at, at + 3);
  if (keyword?.kind !== "word" || keyword.text !== "with" || set?.kind !== "word" || list?.kind !== "list")
    return undefined;
  const sign = diagnosticAfter(set.span.end, context);
  if (sign?.code !== "unneeded-sign") return undefined;
  context.explained.add(sign);
  const { path, text } = context.source;
  const place = { file: path, span: between(keyword.span, sign.span) };
  const input = text.slice(place.span.start, place.span.end);
  const edit = { file: path, span: { start: place.span.start, end: list.span.start }, text: "" };
  const fix = { title: `remove \`${input}\``, edits: [edit] };
  const found = diagnostic("nix-syntax", place, { input, instead: "" }, { fix });
  context.diagnostics.push({ ...found, severity: "error" });
  return { start: at, end: at + 3, term: list };
}

function changeBrackets({ start, end }: Span, opening: string, closing: string, { source }: Context): Diagnostic {
  return otherBrackets(source, { start, end: start + 1 }, { start: end - 1, end }, opening, closing);
}

/** The end of the settings or entries, from `end` on, that belong in the missing block. */
function endOfSettings({ terms, start, type, names }: Values, end: number, context: Context, depth = 0): number {
  const inside = insideOf(type, terms, start, end);
  let at = end;
  const name = terms[start - 1];
  if (inside?.kind === "entries") {
    for (let key = terms[at]; key !== undefined && inside.isKey(key) && !names.isName(at); key = terms[at]) {
      // A word at the start of a line that is not indented is more likely an unknown setting.
      if (key.kind === "word" && startsLine(key, context) && !isIndentedMore(name, key, context)) break;
      const sign = terms[at + 1];
      const isAssigned = sign?.kind === "operator" && sign.text === "=";
      const value = isAssigned ? at + 2 : at + 1;
      const taken = inside.value.take(terms, value);
      // In `A=b` and `A: b`, the quotes are missing, too.
      const hasSign = isAssigned || diagnosticAfter(key.span.end, context)?.code === "unneeded-sign";
      if (taken === 0 && !(hasSign && terms[value]?.kind === "word")) break;
      at = value + Math.max(taken, 1);
    }
    return at;
  }
  if (inside === undefined) return end;
  const table = settingsByName(inside.settings());
  // If the block is optional, the text is valid without braces, whatever its indentation is.
  const isDeeper = (term: RawTerm): boolean =>
    type?.form.kind === "block" && isIndentedMore(terms[start - 1], term, context);
  for (let term = terms[at]; term?.kind === "word"; term = terms[at]) {
    // A link has no `mode`, but `link "/d" mode 0644` lacks braces all the same.
    const ofSibling = startsLine(term, context) ? undefined : settingOfSibling(term.text, type);
    const inner = table.get(term.text)?.[1].type ?? ofSibling;
    // `layers <= 80` belongs in `expect`, although `layers` is a setting of the image, too.
    const isComparison = terms[at + 1]?.kind === "operator" && inner?.isBound === true;
    if (names.isName(at) && !isDeeper(term) && !isComparison) break;
    if (inner === undefined) break;
    const taken = inner.take(terms, at + 1);
    at += 1 + taken;
    const isNested = taken === 0 && inner.form.kind === "block" && depth < MAX_DEPTH;
    if (isNested) at = endOfSettings({ terms, start: at, end: at, type: inner, names }, at, context, depth + 1);
    if (taken === 0 && inner.isList === true)
      at = endOfItems({ terms, start: at, end: at, type: inner, names }, at, terms[at - 1], context);
  }
  return at;
}

/** The type of a setting that another case of a choice has. */
function settingOfSibling(name: string, type: Type<unknown> | undefined): Type<unknown> | undefined {
  for (const { inside } of Object.values(type?.cases ?? {})) {
    const found = inside?.kind === "settings" ? settingsByName(inside.settings()).get(name) : undefined;
    if (found !== undefined) return found[1].type;
  }
  return undefined;
}

/** Whether only blanks are before a term on its line. */
function startsLine({ span: { start } }: RawTerm, { source: { text } }: Context): boolean {
  let before = start - 1;
  while (before >= 0 && text[before] !== "\n" && /\s/.test(text[before] as string)) before--;
  return before < 0 || text[before] === "\n";
}

/** The largest number of nested blocks whose braces are missing. */
const MAX_DEPTH = 4;

/** Whether the line of a term has more indentation than the line of the setting's name. */
function isIndentedMore(name: RawTerm | undefined, term: RawTerm | Term, { source: { text } }: Context): boolean {
  return name !== undefined && indentation(text, term.span.start) > indentation(text, name.span.start);
}

/** The number of blanks at the start of the line of an offset. */
function indentation(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0].length ?? 0;
}

/** The end of the values, from `start` on, that can be list items. */
function endOfItems(
  { terms, type, names }: Values,
  start: number,
  name: RawTerm | undefined,
  context: Context,
): number {
  let at = start;
  for (let term = terms[at]; term !== undefined && !names.isName(at); term = terms[at]) {
    if (term.kind === "braces" || term.kind === "operator" || term.kind === "list") break;
    // A word that a list, block or string follows is more likely an unknown setting than an item.
    const next = terms[at + 1]?.kind;
    const isSetting =
      next === "list" || (next === "braces" && type?.inside === undefined) || next === "string" || next === "operator";
    if (term.kind === "word" && term.text !== "nix" && isSetting) break;
    // A word at the start of a line that is not indented is more likely an unknown setting, too.
    if (term.kind === "word" && at > start && startsLine(term, context) && !isIndentedMore(name, term, context)) break;
    at += 1;
  }
  return at;
}

function spanOf(terms: readonly RawTerm[], start: number, end: number): Span {
  const [first, last] = [terms[start], terms[end - 1]] as [RawTerm, RawTerm];
  return between(first.span, last.span);
}

/** The closing bracket that belongs to a missing opening bracket: the next sign after a span. */
function unmatchedAfter({ end }: Span, closing: string, context: Context): Diagnostic | undefined {
  const found = diagnosticAfter(end, context);
  return found?.code === "unmatched-bracket" && context.source.text[found.span.start] === closing ? found : undefined;
}

/** `provide "[ sh env ]"` and `entrypoint "[ \"/bin/api\" ]"`, where quotes are around the list. */
function quotedList(items: readonly Term[], type: Type<unknown> | undefined, context: Context): RawTerm | undefined {
  const [only, ...others] = items;
  const text = only === undefined || others.length > 0 ? undefined : plainText(only)?.trim();
  if (only === undefined || text === undefined || !/^\[[^[\]\n]*\]$/.test(text)) return undefined;
  // `[ -f /x ]` may be a command of a shell, so an item that is a string must have quotes.
  if (!text.includes('"') && type?.item?.starts(only) !== false) return undefined;
  return listInstead(only, type, text, `; write \`${text}\`, without quotes`, context);
}

/** `test "curl localhost || exit 1"`, where the list needs more items than the string. */
function listFor(items: readonly Term[], type: Type<unknown> | undefined, context: Context): RawTerm | undefined {
  const [only, ...others] = items;
  const text = only === undefined || others.length > 0 ? undefined : plainText(only);
  const instead = text === undefined ? undefined : type?.listFor?.(text);
  if (only === undefined || instead === undefined) return undefined;
  return listInstead(only, type, instead, `; write \`${short(instead)}\``, context);
}

/** Reports a string in the place of a list. The returned list is empty, so that its items are not reported as well. */
function listInstead(
  term: Term,
  type: Type<unknown> | undefined,
  instead: string,
  hint: string,
  { source: { path: file }, diagnostics }: Context,
): RawTerm {
  const { span } = term;
  const parameters = { expected: type?.label ?? "a list", found: describe(term), hint };
  const fix = { title: `write \`${instead}\``, edits: [{ file, span, text: instead }] };
  diagnostics.push(diagnostic("wrong-type", { file, span }, parameters, { fix }));
  return { kind: "list", items: [], terms: [], span };
}

/** `"/bin/api --serve"` may mean two items, or one that contains a blank. */
function splitItem(items: readonly Term[], { source }: Context): Fix[] {
  const [only, ...others] = items;
  const text = only === undefined || others.length > 0 ? undefined : plainText(only);
  if (only === undefined || text === undefined || !/^[\w./:@%+,=-]+(?: +[\w./:@%+,=-]+)+$/.test(text)) return [];
  const instead = `[ ${text
    .split(/ +/)
    .map((part) => JSON.stringify(part))
    .join(" ")} ]`;
  return [{ title: `write \`${instead}\``, edits: [{ file: source.path, span: only.span, text: instead }] }];
}

function report(
  code: "missing-braces" | "missing-list-brackets",
  opening: string,
  closing: string,
  span: Span,
  context: Context,
  others: readonly Fix[] = [],
): void {
  const { path, text } = context.source;
  const at = (offset: number) => ({ file: path, span: { start: offset, end: offset } });
  const input = text.slice(span.start, span.end);
  const title = `put it between \`${opening}\` and \`${closing}\``;
  const edits = [{ ...at(span.start), text: `${opening} ` }];
  const unmatched = unmatchedAfter(span, closing, context);
  if (unmatched === undefined) edits.push({ ...at(span.end), text: ` ${closing}` });
  else context.explained.add(unmatched);
  const fix = { title, edits };
  const details = others.length === 0 ? { fix } : { choices: [...others, fix] };
  context.diagnostics.push(diagnostic(code, { file: path, span }, { input }, details));
}
