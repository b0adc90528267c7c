/** Checks a text: loads imports, finds cycles, reads every image with its defaults, and returns a Spec or diagnostics. */
import type { Code } from "../../diagnostics/catalogue.ts";
import { diagnostic, type Diagnostic, type Place } from "../../diagnostics/diagnostic.ts";
import { readSettings } from "../types/block.ts";
import { imageSettings } from "../schema/image.ts";
import type { ImageSpec, Nixpkgs, Spec } from "../schema/spec.ts";
import { NOT_UTF8 } from "../syntax/read.ts";
import { nameOf, type Source, type Term } from "../syntax/tree.ts";
import { chainOf, orderImages } from "./bases.ts";
import { reportCycles } from "./bindings.ts";
import { checkImage } from "./image.ts";
import { reportBareNames } from "./bare-names.ts";
import { load } from "./load.ts";
import { locate, type SpecPath } from "./locate.ts";
import { visible, type Binding, type Host, type ImageNode, type Module, type Session } from "./module.ts";
import { otherLanguage } from "./other-language.ts";
import { readPackageSet } from "./package-set.ts";
import { scopeOf } from "./scope.ts";
import { STRUCTURAL } from "./structural.ts";
import type { ParamSpec } from "../types/values.ts";
import { imageName } from "../types/image-name.ts";

export interface CheckResult {
  /** The declarations and imports of the file, even if there are errors. */
  root: Module;
  /** The package set, even if there are errors. */
  nixpkgs: Nixpkgs;
  /** Undefined if there is any error. */
  spec: Spec | undefined;
  diagnostics: Diagnostic[];
  sources: Map<string, Source>;
  /** The place of a setting, an entry or a list item, in the file or in an image. */
  locate(path: SpecPath, image?: string): Place;
}

export interface CheckOptions {
  /** Values of parameters, as text, by name. They replace the defaults. A value of the wrong type is ignored. */
  params?: ReadonlyMap<string, string>;
}

/** Checks a file and its imports. */
export function check(source: Source, host: Host, options: CheckOptions = {}): CheckResult {
  const session: Session = {
    params: options.params ?? new Map(),
    arguments: new Map(),
    diagnostics: [],
    sources: new Map(),
    modules: new Map(),
    budget: 100_000,
    exhausted: false,
    comparisons: 500_000,
    unknown: new Set(),
  };
  const root = load(source, host, session);
  const cyclic = reportCycles(root, session);
  const read = new Map<ImageNode, ImageSpec>();
  const modules = visible(root);
  reportDoubledImages(modules, session);
  for (const module of modules)
    for (const image of module.images.values()) {
      const spec = readImage(image, host, session, cyclic);
      if (spec !== undefined) read.set(image, spec);
    }
  const images = orderImages(root, read, session);
  const isMisread = misread(session.diagnostics);
  const withoutBase = new Set([...read].filter(([image]) => isWithoutBase(image)).map(([, spec]) => spec));
  for (const [image, spec] of read) {
    if (isMisread(image)) continue;
    const chain = chainOf(image, read);
    const isFromScratch = chain.every((each, i) => i < chain.length - 1 || withoutBase.has(each));
    checkImage({ spec, image, chain, isFromScratch, scope: scopeOf(image.module, host, session, cyclic) });
  }
  const nixpkgs = readPackageSet(modules, (module) => scopeOf(module, host, session, cyclic));
  const params = paramsOf(root);
  reportBareNames(root, session);
  reportEmpty(root, session);
  // If there are errors, the setting that a warning misses may be present, in a part that could not be read.
  const hasErrors = session.diagnostics.some(({ severity }) => severity === "error");
  if (hasErrors) session.diagnostics = session.diagnostics.filter(({ code }) => !UNSURE.has(code));
  // After a missing bracket or quote, a binding may be used in a part that could not be read.
  if (!session.diagnostics.some(({ code }) => STRUCTURAL.has(code))) reportUnused(root, session);
  const explained = withoutDamaged(session.diagnostics, session.sources);
  const diagnostics = replaceByOtherLanguage(root, sorted(explained));
  const failed = diagnostics.some((found) => found.severity === "error");
  const spec: Spec | undefined = failed ? undefined : { edition: 1, nixpkgs, params, images };
  return {
    root,
    nixpkgs,
    spec,
    diagnostics,
    sources: session.sources,
    locate: (path, image) => locate(root, path, image),
  };
}

function readImage(
  image: ImageNode,
  host: Host,
  session: Session,
  cyclic: ReadonlySet<Binding>,
): ImageSpec | undefined {
  const scope = scopeOf(image.module, host, session, cyclic);
  const name = imageName.readTerm(image.nameTerm, scope);
  const block = image.setting.values[1];
  if (block?.kind !== "block") return undefined;
  const settings = readSettings(block.settings, imageSettings, scope, {
    name: "image",
    span: image.setting.name.span,
  });
  const spec: ImageSpec = { name: name ?? image.name, ...settings };
  return spec;
}

/** The parameters of a file and its imports. */
export function paramsOf(root: Module): ParamSpec[] {
  const params = new Map<string, ParamSpec>();
  for (const module of visible(root))
    for (const { meaning } of module.bindings.values())
      if (meaning?.kind === "param" && !params.has(meaning.param.name)) params.set(meaning.param.name, meaning.param);
  return [...params.values()];
}

/** The name of an image must be unique in a file and its imports. */
function reportDoubledImages(modules: readonly Module[], session: Session): void {
  const first = new Map<string, ImageNode>();
  for (const module of modules.toReversed())
    for (const image of module.images.values()) {
      const place = { file: module.source.path, span: image.nameTerm.span };
      const other = first.get(image.name);
      if (other === undefined) first.set(image.name, image);
      else {
        const related = [{ message: "first defined here", file: other.module.source.path, span: other.nameTerm.span }];
        session.diagnostics.push(diagnostic("doubled-image", place, { name: image.name }, { related }));
      }
    }
}

/** Replaces the errors of a file in another language by one diagnostic. */
function replaceByOtherLanguage(root: Module, diagnostics: Diagnostic[]): Diagnostic[] {
  if (root.images.size > 0 || !diagnostics.some(({ severity }) => severity === "error")) return diagnostics;
  const found = otherLanguage(root.source);
  return found === undefined ? diagnostics : [found];
}

/** Removes diagnostics of values that contain bytes that are not UTF-8: `not-utf-8` names the cause. */
function withoutDamaged(diagnostics: Diagnostic[], sources: ReadonlyMap<string, Source>): Diagnostic[] {
  const damaged = new Set(diagnostics.filter(({ code }) => code === "not-utf-8").map(({ file }) => file));
  if (damaged.size === 0) return diagnostics;
  const isDamaged = ({ code, file, span: { start, end } }: Diagnostic): boolean =>
    code !== "not-utf-8" && sources.get(file)?.text.slice(start, end).includes(NOT_UTF8) === true;
  return diagnostics.filter((found) => !(damaged.has(found.file) && isDamaged(found)));
}

function reportEmpty({ document, source: { path, text } }: Module, session: Session): void {
  if (document.settings.length > 0 || session.diagnostics.length > 0) return;
  session.diagnostics.push(diagnostic("empty-file", { file: path, span: { start: 0, end: text.length } }, {}));
}

function reportUnused(root: Module, session: Session): void {
  // A file without images is written to be imported; the importing files use its bindings.
  if (root.images.size === 0) return;
  const unused = [...root.bindings.values()].filter(({ used, meaning }) => !used && meaning !== undefined);
  if (unused.length === 0) return;
  // A binding counts as used even if the setting that uses it could not be read.
  const referenced = new Set(root.document.settings.flatMap(({ values }) => values.flatMap(references)));
  for (const binding of unused) {
    if (referenced.has(binding.name)) continue;
    const place = { file: root.source.path, span: binding.nameSpan };
    session.diagnostics.push(diagnostic("unused-binding", place, { name: binding.name }, { unnecessary: true }));
  }
}

/** The names of all references in a term. */
function references(term: Term): string[] {
  switch (term.kind) {
    case "reference":
      return [term.name];
    case "list":
      return term.items.flatMap(references);
    case "block":
      return term.settings.flatMap(({ name, values }) => [name, ...values].flatMap(references));
    case "string":
      return term.parts.flatMap((part) => (part.kind === "reference" ? [part.name] : []));
    case "expression":
      return references(term.string);
    default:
      return [];
  }
}

/** Whether an image has no base, not even one that could not be read. */
function isWithoutBase(image: ImageNode): boolean {
  const block = image.setting.values[1];
  const setting = block?.kind === "block" ? block.settings.find(({ name }) => nameOf(name) === "base") : undefined;
  const base = setting?.values[0];
  return base === undefined || (base.kind === "word" && base.text === "scratch");
}

/** Warnings of settings that are absent. */
const UNSURE: ReadonlySet<Code> = new Set(["lost-healthcheck", "unwritten-user"]);

/** Whether a bracket of an image is wrong, so that its settings may not be those that the user wrote. */
function misread(diagnostics: readonly Diagnostic[]): (image: ImageNode) => boolean {
  const structural = diagnostics.filter(({ code }) => STRUCTURAL.has(code) && !code.endsWith("-string"));
  const byFile = Map.groupBy(structural, ({ file }) => file);
  const places = new Map(
    [...byFile].map(([file, all]) => [file, all.map(({ span }) => span.start).toSorted((a, b) => a - b)]),
  );
  return ({ module, setting: { span } }) => {
    const all = places.get(module.source.path) ?? [];
    return (all[firstAtLeast(all, span.start)] ?? Infinity) <= span.end;
  };
}

/** The index of the first of sorted numbers that is at least `least`. */
function firstAtLeast(numbers: readonly number[], least: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sorts diagnostics by place, structural errors first, since they explain others. Removes duplicates, which arise because a binding's value is read again for each use. */
function sorted(diagnostics: Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const once = diagnostics.filter((found) => {
    const key = JSON.stringify([found.code, found.file, found.span.start, found.message]);
    return !seen.has(key) && seen.add(key);
  });
  const rank = ({ code }: Diagnostic): number => (STRUCTURAL.has(code) ? 0 : 1);
  return once.toSorted((left, right) => {
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return rank(left) - rank(right) || left.span.start - right.span.start;
  });
}
