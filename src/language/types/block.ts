/** Reads blocks of known settings. */
import * as z from "zod/mini";
import type { Fix } from "../../diagnostics/diagnostic.ts";
import type { Parameters } from "../../diagnostics/catalogue.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { between, type BlockTerm, type Setting as SettingNode, type Term } from "../syntax/tree.ts";
import { replacement, termText } from "./scalar.ts";
import { findSetting, settingsByName, settingText, settingName, type Infer } from "./setting.ts";
import { Cursor, editsToRead, type Scope, type Synonym, type Type, type Setting, type Settings } from "./type.ts";

/** The value of a missing block: all defaults. */
export function defaults<S extends Settings>(settings: S): Infer<S> {
  return complete(settings, blank(settings));
}

/** Reads the settings of a block by a table of known settings. Reports unknown, repeated and missing settings. */
export function readSettings<S extends Settings>(
  nodes: readonly SettingNode[],
  settings: S,
  scope: Scope,
  owner: { name: string; span: { start: number; end: number } },
): Infer<S> {
  const values = blank(settings);
  /** The first node of each setting, and the settings that are present under another name; made at first use. */
  let first: ReadonlyMap<string, SettingNode> | undefined;
  let misnamed: Set<string | undefined> | undefined;
  const table = settingsByName(settings);
  let last: SettingNode | undefined;
  let lastSetting: Setting<unknown> | undefined;
  for (const node of nodes) {
    const found = node.name.kind === "word" ? table.get(node.name.text) : undefined;
    if (found === undefined) {
      if (last !== undefined && lastSetting?.type.isFlag === true && reportFlagValue(node, last, scope)) continue;
      if (last !== undefined && reportSecondWord(node, last, lastSetting?.type, scope)) continue;
      misnamed ??= new Set();
      misnamed.add(reportUnknown(node, settings, scope, owner.name));
      continue;
    }
    const key = found[0];
    const setting = found[1];
    last = node;
    lastSetting = setting;
    const isFirst = values[key] === setting;
    if (!isFirst && !setting.many) {
      first ??= firstNodes(nodes, table);
      const before = first.get(key) ?? node;
      const related = [{ message: "first written here", file: scope.file, span: before.name.span }];
      scope.report("doubled-setting", node.name.span, { name: termText(node.name) }, { related });
      continue;
    }
    const value = readSetting(node, setting, scope);
    const before = isFirst ? undefined : values[key];
    if (!setting.many || value === undefined) values[key] = setting.many ? before : value;
    else if (before === undefined) values[key] = [value];
    else (before as unknown[]).push(value);
  }
  for (const key in settings) {
    const setting = settings[key] as Setting<unknown>;
    if (setting.required && values[key] === setting && misnamed?.has(settingName(key, setting)) !== true)
      scope.report("missing-setting", owner.span, { owner: owner.name, name: settingName(key, setting) });
  }
  return complete(settings, values);
}

/** The values of a block's settings by their keys. The value of an absent setting is the setting itself. */
type Values = Record<string, unknown>;

/** The values of an empty block. A copy of `settings` has all keys in order at once, which is faster than adding them. */
function blank(settings: Settings): Values {
  return { ...settings };
}

function firstNodes(
  nodes: readonly SettingNode[],
  table: ReturnType<typeof settingsByName>,
): ReadonlyMap<string, SettingNode> {
  const first = new Map<string, SettingNode>();
  for (const node of nodes) {
    const key = node.name.kind === "word" ? table.get(node.name.text)?.[0] : undefined;
    if (key !== undefined && !first.has(key)) first.set(key, node);
  }
  return first;
}

export function readSetting(node: SettingNode, setting: Setting<unknown>, scope: Scope): unknown {
  return readAll(node, setting.type, scope);
}

/** Reads all values of a node by a type; reports values left over. */
export function readAll<T>(node: SettingNode, type: Type<T>, scope: Scope): T | undefined {
  const cursor = new Cursor(node.name, node.values);
  const value = type.read(cursor, scope);
  const surplus = cursor.next;
  if (surplus !== undefined && !reportMisplacedBlock(node, surplus, type, scope))
    reportSurplus(node, surplus, type, scope);
  return value;
}

/** Reports a value that a setting does not take. The fix removes the value if it repeats the value before it. */
function reportSurplus(node: SettingNode, surplus: Term, type: Type<unknown>, scope: Scope): void {
  const [word] = node.values;
  const before = node.values[node.values.indexOf(surplus) - 1];
  const taken = word?.kind === "word" && word !== surplus ? type.cases?.[word.text] : undefined;
  const name = [node.name, ...(taken === undefined || word === undefined ? [] : [word])].map(termText).join(" ");
  const expected = (taken ?? type).label;
  const isRepeated = before !== undefined && withoutSpans(before) === withoutSpans(surplus);
  const span = { start: before?.span.end ?? surplus.span.start, end: surplus.span.end };
  const fix = isRepeated ? { title: "remove it", edits: [{ file: scope.file, span, text: "" }] } : undefined;
  scope.report("unexpected-value", surplus.span, { name, expected }, { fix });
}

/** A term as text, without its place. */
function withoutSpans(term: Term): string {
  return JSON.stringify(term, (key, value: unknown) => (key === "span" ? undefined : value));
}

/** Reports a block with the settings of another word of a choice, as in `compression gzip { chunked }`. Returns whether it did. */
function reportMisplacedBlock(node: SettingNode, surplus: Term, { cases }: Type<unknown>, scope: Scope): boolean {
  const [word, ...values] = node.values;
  if (cases === undefined || word?.kind !== "word" || surplus.kind !== "block") return false;
  const [inner, ...more] = surplus.settings.map(({ name }) => termText(name));
  const hasAll = (each: string): boolean => {
    const inside = cases[each]?.inside;
    return inside?.kind === "settings" && [inner ?? "", ...more].every((name) => findSetting(inside.settings(), name));
  };
  const other = Object.keys(cases).find(hasAll);
  if (inner === undefined || other === undefined || hasAll(word.text)) return false;
  const edits = editsToRead(cases[other] as Type<unknown>, word, values, scope);
  const fix = edits && {
    title: `write \`${other}\``,
    edits: [...replacement(scope, word.span, other).edits, ...edits],
  };
  scope.report("misplaced-block", surplus.span, { name: termText(node.name), word: word.text, other, inner }, { fix });
  return true;
}

/** Reports the unneeded value in `no-setuid true`. With `false`, `no` and `off`, the whole setting is to be removed. */
function reportFlagValue({ name, values, span }: SettingNode, owner: SettingNode, scope: Scope): boolean {
  const word = termText(name);
  if (values.length > 0 || !/^(?:true|yes|on|false|no|off)$/.test(word)) return false;
  const isYes = /^(?:true|yes|on)$/.test(word);
  const unneeded = isYes ? span : between(owner.span, span);
  scope.report("flag-value", span, { name: termText(owner.name), input: word, isYes, unneeded });
  return true;
}

/** Reports the second word in `output oci raw`, which is no setting but a word of the setting before it. */
function reportSecondWord(
  { name, span }: SettingNode,
  owner: SettingNode,
  type: Type<unknown> | undefined,
  scope: Scope,
): boolean {
  if (name.kind !== "word" || type?.words?.includes(name.text) !== true) return false;
  scope.report("unexpected-value", span, { name: termText(owner.name), expected: type.label });
  return true;
}

/** Reports an unknown setting, and returns the name of the setting of the block that it means. */
function reportUnknown(node: SettingNode, settings: Settings, scope: Scope, owner: string): string | undefined {
  const name = termText(node.name);
  const known = Object.entries(settings).map(([key, setting]) => settingName(key, setting));
  const synonyms = node.name.kind === "word" ? scope.synonyms(settings, name) : [];
  const near = node.name.kind === "word" && synonyms.length === 0 ? suggest(node.name.text, known) : undefined;
  const inPlace = inPlaceOf(synonyms, node, scope);
  const details = { name, owner, suggestion: near, known, ...inPlace };
  // A setting of this block has only its name and its values to change.
  const [inner, ...others] = inPlace.isOuter === true ? [] : (inPlace.path ?? []);
  const isRenamed = inner !== undefined && others.length === 0 && inPlace.edits !== undefined;
  const renamed = isRenamed ? replacement(scope, node.name.span, inner) : undefined;
  const fix =
    near === undefined
      ? renamed && {
          ...renamed,
          edits: [...renamed.edits, ...(inPlace.edits ?? []).map((edit) => ({ file: scope.file, ...edit }))],
        }
      : replacement(scope, node.name.span, near);
  scope.report("unknown-setting", node.name.span, details, { fix });
  return near ?? (isRenamed ? inner : undefined);
}

/** The settings, or the advice, to report for a name of another tool. */
function inPlaceOf(
  synonyms: readonly Synonym[],
  node: SettingNode,
  scope: Scope,
): Partial<Parameters<"unknown-setting">> {
  const [first] = synonyms;
  if (first === undefined) return {};
  if (first.kind === "advice") return { advice: first.advice };
  const all = synonyms.filter((each) => each.kind === "setting");
  const fitting = all.flatMap((each) => {
    const edits = editsOf(node, each.setting, scope);
    return edits === undefined ? [] : [{ ...each, edits }];
  });
  const [best = { ...first, edits: [] }] = fitting;
  // `command` is the entry point in Kubernetes and the command in Compose.
  const isClear = fitting.length === 1;
  const shown = isClear ? [best] : all;
  return {
    ours: shown.map(({ path }) => settingText(path)),
    path: best.path,
    isOuter: best.isOuter,
    ...(isClear && { edits: best.edits }),
  };
}

/** The edits after which a setting accepts the values of a node; undefined if it does not accept them. */
function editsOf({ name, values }: SettingNode, { type }: Setting<unknown>, scope: Scope): Fix["edits"] | undefined {
  return values.length === 0 && type.isFlag !== true ? undefined : editsToRead(type, name, values, scope);
}

/** Adds the defaults of absent and invalid settings. */
function complete<S extends Settings>(settings: S, values: Values): Infer<S> {
  const read = { get: (key: string) => (values[key] === settings[key] ? undefined : values[key]) };
  for (const key in settings) {
    const setting = settings[key] as Setting<unknown>;
    const value = values[key];
    if (value === undefined || value === setting) values[key] = setting.fallback(read);
  }
  return values as Infer<S>;
}

/** The zod schema of a table of settings. `more`: further properties. */
export function settingsSchema<S extends Settings, M extends Record<string, z.ZodMiniType>>(
  settings: S,
  more?: M,
): z.ZodMiniType<Infer<S> & { [K in keyof M]: z.infer<M[K]> }> {
  const shape: Record<string, z.ZodMiniType> = { ...more };
  for (const [key, setting] of Object.entries(settings)) {
    const value = setting.type.schema();
    const single = setting.many ? z.array(value) : value;
    const nullable = !setting.many && setting.fallback(new Map()) === null;
    shape[key] = (nullable ? z.union([single, z.null()]) : single).check(z.describe(setting.doc));
  }
  return z.strictObject(shape) as unknown as z.ZodMiniType<Infer<S> & { [K in keyof M]: z.infer<M[K]> }>;
}

/** A type of blocks. `read` converts the block's settings to the value. */
export function blockOf<T>(
  schema: () => z.ZodMiniType<T>,
  inside: NonNullable<Type<T>["inside"]>,
  read: (block: BlockTerm, scope: Scope, cursor: Cursor) => T | undefined,
): Type<T> {
  return {
    label: "a block in braces",
    form: { kind: "block", inside },
    schema,
    inside,
    starts: (term) => term.kind === "braces" || term.kind === "block",
    take(terms, at) {
      const term = terms[at];
      return term === undefined || term.kind === "word" ? 0 : 1;
    },
    read(cursor, scope) {
      const term = cursor.next;
      if (term?.kind === "block") {
        cursor.index += 1;
        return read(term, scope, cursor);
      }
      cursor.index = cursor.terms.length;
      const span = term?.span ?? cursor.end;
      scope.report("missing-value", span, { name: termText(cursor.owner), expected: "a block in braces" });
      return undefined;
    },
  };
}

/** A block of known settings. */
export function block<S extends Settings>(settings: S): Type<Infer<S>> {
  return blockOf(
    () => settingsSchema(settings),
    { kind: "settings", settings: () => settings },
    (term, scope, cursor) =>
      readSettings(term.settings, settings, scope, { name: termText(cursor.owner), span: cursor.owner.span }),
  );
}
