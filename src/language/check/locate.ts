/** Finds the place of a setting, an entry or a list item, for callers that have only the Spec. */
import type { Place } from "../../diagnostics/diagnostic.ts";
import { fileSettings } from "../schema/file.ts";
import { imageSettings } from "../schema/image.ts";
import { findSetting } from "../types/setting.ts";
import type { Inside } from "../types/type.ts";
import { nameOf, type Setting, type Span, type Term } from "../syntax/tree.ts";
import { lookUp, lookUpImage, visible, type ImageNode, type Module } from "./module.ts";

/**
 * A path inside a block. A string is the name of a setting, the key of an entry, or the name of a layer or parameter. A
 * number is the index of a list item, of a repeated setting, of an entry in a block, or of a package in a string.
 */
export type SpecPath = readonly (string | number)[];

/** The place of a part of the file or of an image; if the part is not found, the place of the nearest part around it. */
export function locate(root: Module, path: SpecPath, image?: string): Place {
  if (image !== undefined) {
    const node = lookUpImage(root, image);
    if (node === undefined) return { file: root.source.path, span: startOf(root) };
    return placeIn(node, path);
  }
  const [first, ...rest] = path;
  const module = visible(root).find(({ document }) => named([document.settings], first).length > 0) ?? root;
  const settings = named([module.document.settings], first);
  if (settings.length === 0) return { file: module.source.path, span: startOf(module) };
  return follow({ kind: "settings", settings, schema: findSetting(fileSettings, String(first)), module }, rest);
}

/** The place of a part of an image, or of the nearest part around it. */
export function inImage(image: ImageNode, path: SpecPath): Span {
  return placeIn(image, path).span;
}

/** The setting at a path of names inside an image's block. */
export function settingIn(image: ImageNode, path: readonly string[]): Setting | undefined {
  let setting: Setting | undefined = image.setting;
  for (const name of path) setting = setting === undefined ? undefined : named(blocks(setting), name)[0];
  return setting;
}

type Schema = ReturnType<typeof findSetting>;

/** The result of following a path: all settings with one name, or a value. */
type Reached =
  | { kind: "settings"; settings: Setting[]; schema: Schema; module: Module }
  | { kind: "value"; term: Term; module: Module };

function placeIn(image: ImageNode, path: SpecPath): Place {
  const { module, setting } = image;
  const [first, ...rest] = path;
  const settings = named(blocks(setting), first);
  if (settings.length === 0) return { file: module.source.path, span: image.nameTerm.span };
  return follow({ kind: "settings", settings, schema: findSetting(imageSettings, String(first)), module }, rest);
}

function follow(from: Reached, path: SpecPath): Place {
  let reached = from;
  for (const part of path) {
    const next = typeof part === "number" ? item(reached, part) : entry(reached, part);
    if (next === undefined) break;
    reached = next;
  }
  const file = reached.module.source.path;
  if (reached.kind === "value") return { file, span: reached.term.span };
  // `files` may have a removal and another entry with the same key. A path that does not go on with `remove` means the
  // other entry.
  const isRemoval = ({ values: [value] }: Setting) => value?.kind === "word" && value.text === "remove";
  const setting = reached.settings.find((each) => !isRemoval(each)) ?? (reached.settings[0] as Setting);
  return { file, span: setting.values.some(({ kind }) => kind === "block") ? setting.name.span : setting.span };
}

/**
 * Follows a name in a path: to a setting or entry in the block; to the layer or parameter of this name; or, among
 * entries with the same key, to the entry whose first value is this word, such as `remove`.
 */
function entry(from: Reached, name: string): Reached | undefined {
  if (from.kind !== "settings") return undefined;
  const { settings, schema, module } = from;
  const inner = named(settings.flatMap(blocks), name);
  if (inner.length > 0)
    return { kind: "settings", settings: inner, schema: inside(schema?.[1].type.inside, name), module };
  const steps = settings.filter(({ values }) => values[0] !== undefined && nameOf(values[0]) === name);
  // Without a schema, a number after this name selects a list item, not one of several repeated settings.
  return steps.length === 0 ? undefined : { kind: "settings", settings: steps, schema: undefined, module };
}

function inside(block: Inside | undefined, name: string): Schema {
  if (block?.kind === "settings") return findSetting(block.settings(), name);
  return undefined;
}

function item(from: Reached, index: number): Reached | undefined {
  if (from.kind === "settings" && from.schema?.[1].many === true) {
    const setting = from.settings[index];
    return setting && { ...from, settings: [setting], schema: undefined };
  }
  const { module } = from;
  const terms = from.kind === "value" ? [from.term] : (from.settings[0]?.values ?? []);
  const values = terms.map((term) => resolved(term, module, 0)).filter((each) => each !== undefined);
  const list = values.find(({ term }) => term.kind === "list");
  const found = list === undefined ? undefined : itemsOf(list)[index];
  if (found !== undefined) return found;
  const blockEntry = terms.flatMap((term) => (term.kind === "block" ? term.settings : []))[index];
  if (blockEntry !== undefined) return { kind: "settings", settings: [blockEntry], schema: undefined, module };
  for (const value of values) {
    const part = value.term.kind === "string" ? packagesIn(value, 0)[index] : undefined;
    if (part !== undefined) return part;
  }
  // A single package may be written without a list.
  return index === 0 ? values.findLast(({ term }) => term.kind === "word" || term.kind === "expression") : undefined;
}

/** The largest depth of bindings that refer to bindings. The check rejects files that exceed it. */
const MAX_DEPTH = 200;

interface Value {
  kind: "value";
  term: Term;
  module: Module;
}

/** The items of lists that were searched before. */
const ITEMS = new WeakMap<Term, { module: Module; all: Value[] }>();

function itemsOf(list: Value): Value[] {
  const known = ITEMS.get(list.term);
  if (known?.module === list.module) return known.all;
  const all = items(list, 0);
  ITEMS.set(list.term, { module: list.module, all });
  return all;
}

/**
 * The items of a list. If a `$name` in the list is bound to a list, the items of that list have their places in the
 * binding.
 */
function items({ term, module }: Value, depth: number): Value[] {
  if (term.kind !== "list" || depth > MAX_DEPTH) return [];
  return term.items.flatMap((each): Value[] => {
    const value = resolved(each, module, depth);
    if (value === undefined) return [];
    // A `$name` that is bound to a list is replaced by that list's items.
    return value.term.kind === "list" ? items(value, depth + 1) : [value];
  });
}

/**
 * The packages that a string interpolates. A package that comes from an interpolated binding has its place in that
 * binding.
 */
function packagesIn({ term, module }: Value, depth: number): Value[] {
  if (term.kind !== "string")
    return term.kind === "word" || term.kind === "expression" ? [{ kind: "value", term, module }] : [];
  return term.parts.flatMap((part): Value[] => {
    if (part.kind === "package")
      return [{ kind: "value", term: { kind: "word", text: part.text, span: part.span }, module }];
    if (part.kind !== "reference" || depth > MAX_DEPTH) return [];
    const value = resolved({ kind: "reference", name: part.name, span: part.span }, module, depth);
    return value === undefined ? [] : packagesIn(value, depth + 1);
  });
}

/** The value of a `$name`, placed in the binding's file. For a parameter, the `$name` itself. */
function resolved(term: Term, module: Module, depth: number): Value | undefined {
  if (term.kind !== "reference") return { kind: "value", term, module };
  const binding = lookUp(module, term.name);
  if (binding === undefined || depth > MAX_DEPTH) return undefined;
  if (binding.meaning?.kind !== "let") return { kind: "value", term, module };
  return resolved(binding.meaning.term, binding.module, depth + 1);
}

/** The settings of each block. */
function blocks(setting: Setting): (readonly Setting[])[] {
  return setting.values.flatMap((value) => (value.kind === "block" ? [value.settings] : []));
}

/** The settings with a name; if there are none, those whose name has the same normal form. */
function named(all: readonly (readonly Setting[])[], name: string | number | undefined): Setting[] {
  if (typeof name !== "string") return [];
  const exact = all.flatMap((settings) => namesOf(settings).exact.get(name) ?? []);
  return exact.length > 0 ? exact : all.flatMap((settings) => namesOf(settings).normal.get(normal(name)) ?? []);
}

interface Names {
  exact: Map<string | undefined, Setting[]>;
  normal: Map<string | undefined, Setting[]>;
}

/** The settings of a block by name, so that a block with many diagnostics is not searched for each of them. */
const NAMES = new WeakMap<readonly Setting[], Names>();

function namesOf(settings: readonly Setting[]): Names {
  const known = NAMES.get(settings);
  if (known !== undefined) return known;
  const names = {
    exact: Map.groupBy(settings, ({ name }) => nameOf(name)),
    normal: Map.groupBy(settings, ({ name }) => normal(nameOf(name))),
  };
  NAMES.set(settings, names);
  return names;
}

/** Normalizes a path of `files` as the Spec does: without doubled and trailing slashes. */
function normal(name: string | undefined): string | undefined {
  return name?.startsWith("/") === true
    ? `/${name
        .split("/")
        .filter((part) => part !== "" && part !== ".")
        .join("/")}`
    : name;
}

function startOf(module: Module): Place["span"] {
  return { start: 0, end: Math.min(1, module.source.text.length) };
}
