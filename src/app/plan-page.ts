/** Makes the HTML page of a plan. The page contains its data and needs no network. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { outsideFiles, storeFiles } from "../image/layer-files.ts";
import type { PageData, PagePath } from "../plan-page/data.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { interruptible } from "../util/interruptible.ts";
import type { Costs } from "./plan-costs.ts";
import type { PlanView } from "./plan-view.ts";
import { nameOf, splitName } from "../store/store-path.ts";

/** The number of files on the page; the smallest files are left out. */
const MOST_FILES = 100_000;
/** The names of layers without store paths, by step; a layer of a base that another tool made is named like its step. */
const FILE_LAYERS = new Map([
  ["files", "files outside the store"],
  ["database", "Nix database"],
]);
/** The placeholder for the data in the template. */
const PLACEHOLDER = "__IMGC_PLAN__";

type OnStep = (text: string) => void;

export async function planPage(
  view: PlanView,
  expected: Costs,
  before: PlanView | undefined,
  onStep?: OnStep,
): Promise<string> {
  return pageOf(await pageData(view, expected, before, onStep));
}

export function pageOf(data: PageData): string {
  // Escape `<`, so that no text of an image can end the script element.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return readFileSync(templatePath(), "utf8").replace(PLACEHOLDER, () => json);
}

export async function pageData(
  view: PlanView,
  { plan, auto, layers: costs }: Costs,
  before: PlanView | undefined,
  onStep: OnStep = () => {},
): Promise<PageData> {
  const sizes = view.layers.map(({ size }) => size);
  const old = before?.layers.map(({ size }) => size);
  const isNew = before === undefined ? () => null : newLayers(before);
  const paths = largestFiles([...(await storePaths(view, before, onStep)), ...otherFiles(view, sizes)]);
  const numbers = new Map(paths.map(({ path }, i) => [path, i]));
  const numbersOf = (some: string[]) => some.flatMap((path) => numbers.get(path) ?? []);
  return {
    title: view.title,
    layers: view.layers.map((layer, i) => {
      const cost = costs[i] ?? null;
      return {
        step: layer.name,
        packages: packageNames(layer, paths, i),
        size: sizes[i] ?? 0,
        packed: layer.built?.packed ?? null,
        isNew: isNew(layer),
        cost: cost && { ...cost, application: numbersOf(cost.application) },
      };
    }),
    paths,
    expected: { plan, auto },
    before:
      before === undefined
        ? null
        : { title: before.title, size: (old ?? []).reduce((sum, size) => sum + size, 0), layers: before.layers.length },
  };
}

/** The names of a layer's packages without versions and outputs, largest first. */
function packageNames({ name, paths: own }: PlanView["layers"][number], paths: PagePath[], layer: number) {
  if (own.length === 0) return [FILE_LAYERS.get(name) ?? name];
  const held = paths.filter((path) => path.layer === layer && path.path !== "").toSorted((a, b) => b.size - a.size);
  return [...new Set(held.map(({ path }) => splitName(path).name))];
}

/**
 * Whether a layer is not in `before`. Compares digests if both images are built, otherwise store paths. Null if the
 * layer cannot be compared, since it has no store paths.
 */
function newLayers(before: PlanView): (layer: PlanView["layers"][number]) => boolean | null {
  const identity = (paths: string[]) => paths.toSorted().join();
  const known = new Set(before.layers.flatMap(({ paths, built }) => [identity(paths), built?.digest ?? ""]));
  const isBuilt = before.layers.every(({ built }) => built !== undefined);
  return ({ paths, built }) => {
    if (isBuilt && built !== undefined) return !known.has(built.digest);
    return paths.length === 0 ? null : !known.has(identity(paths));
  };
}

async function storePaths(
  { closure, layers, root }: PlanView,
  before: PlanView | undefined,
  onStep: OnStep,
): Promise<PagePath[]> {
  const numbers = new Map(closure.map(({ path }, i) => [path, i]));
  const layerOf = new Map(layers.flatMap(({ paths }, i) => paths.map((path) => [path, i])));
  const known = before && new Set(before.closure.map(({ path }) => path));
  const found: PagePath[] = [];
  for await (const [i, { path, narSize, references }] of interruptible(closure.entries())) {
    if (i % 100 === 0) onStep(`looking for files: store path ${i + 1} of ${closure.length}`);
    found.push({
      name: nameOf(path),
      path,
      size: narSize,
      layer: layerOf.get(path) ?? -1,
      references: references.flatMap((next) => (next === path ? [] : (numbers.get(next) ?? []))),
      files: storeFiles(path, root),
      isNew: known === undefined ? null : !known.has(path),
    });
  }
  return found;
}

/** The contents of layers without store paths. */
function otherFiles({ layers, root }: PlanView, sizes: number[]): PagePath[] {
  return layers.flatMap(({ name, paths, content }, layer) => {
    if (paths.length > 0) return [];
    const files = outsideFiles(content, root);
    const other = { path: "", size: sizes[layer] ?? 0, layer, references: [], files, isNew: null };
    return [{ name: FILE_LAYERS.get(name) ?? name, ...other }];
  });
}

/** Keeps the MOST_FILES largest files of all paths, sorted by size. */
function largestFiles(paths: PagePath[]): PagePath[] {
  const sizes = paths.flatMap(({ files }) => files.map(([, size]) => size)).toSorted((a, b) => b - a);
  const least = sizes[MOST_FILES - 1] ?? -1;
  let asLarge = sizes.slice(0, MOST_FILES).filter((size) => size === least).length;
  return paths.map((path) => ({
    ...path,
    files: path.files
      .filter(([, size]) => size > least || (size === least && asLarge-- > 0))
      .toSorted(([, a], [, b]) => b - a),
  }));
}

function templatePath(): string {
  for (const folder of [import.meta.dirname, join(import.meta.dirname, "../../dist")]) {
    const path = join(folder, "plan.html");
    if (existsSync(path)) return path;
  }
  throw new ImgcError(EXIT.environment, "this installation of imgc has no plan.html; build it with `npm run build`");
}
