/** A plan as one HTML page that needs no network: its data is in it. */
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PageData } from "../page/data.ts";
import { nameOf } from "../plan/names.ts";
import { EXIT, UserError } from "./exit.ts";
import type { Costs } from "./plan-costs.ts";
import type { PlanView } from "./plan-view.ts";

/** Files that the page shows one by one; the smaller ones of larger images are left out. */
const MOST_FILES = 100_000;
/** In the template, where the data goes. */
const PLACE = "__IMGC_PLAN__";

type OnStep = (text: string) => void;

export function planPage(view: PlanView, expected: Costs, before: PlanView | undefined, onStep?: OnStep): string {
  return pageOf(pageData(view, expected, before, onStep));
}

export function pageOf(data: PageData): string {
  // No text of an image can end the script element.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return readFileSync(templatePath(), "utf8").replace(PLACE, () => json);
}

export function pageData(
  view: PlanView,
  expected: Costs,
  before: PlanView | undefined,
  onStep: OnStep = () => {},
): PageData {
  const numbers = new Map(view.closure.map(({ path }, i) => [path, i]));
  const layerOf = new Map(view.layers.flatMap(({ paths }, i) => paths.map((path) => [path, i])));
  const sizes = new Map(view.closure.map(({ path, narSize }) => [path, narSize]));
  const identity = (paths: string[]) => paths.toSorted().join();
  const known = before && new Set(before.layers.map(({ paths }) => identity(paths)));
  const files = filesOf(view, onStep);
  return {
    title: view.title,
    layers: view.layers.map(({ name, paths }) => ({
      step: name,
      size: paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0),
      isNew: known === undefined ? null : !known.has(identity(paths)),
    })),
    paths: view.closure.map(({ path, narSize, references }) => ({
      name: nameOf(path),
      path,
      size: narSize,
      layer: layerOf.get(path) ?? -1,
      references: references.flatMap((next) => (next === path ? [] : (numbers.get(next) ?? []))),
      files: files.get(path) ?? [],
    })),
    expected,
    before:
      before === undefined
        ? null
        : {
            title: before.title,
            size: before.closure.reduce((sum, { narSize }) => sum + narSize, 0),
            layers: before.layers.length,
          },
  };
}

/** The largest files of all paths that are on this machine. */
function filesOf({ closure, root }: PlanView, onStep: OnStep): Map<string, [string, number][]> {
  const all: { path: string; name: string; size: number }[] = [];
  for (const [i, { path }] of closure.entries()) {
    if (i % 100 === 0) onStep(`looking for files: store path ${i + 1} of ${closure.length}`);
    const folder = root + path;
    if (!existsSync(folder)) continue;
    const names = lstatSync(folder).isDirectory() ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [""];
    for (const name of names) {
      const stat = lstatSync(join(folder, name));
      if (stat.isFile()) all.push({ path, name: name || nameOf(path), size: stat.size });
    }
  }
  const files = new Map<string, [string, number][]>();
  for (const { path, name, size } of all.toSorted((a, b) => b.size - a.size).slice(0, MOST_FILES)) {
    const list = files.get(path);
    if (list === undefined) files.set(path, [[name, size]]);
    else list.push([name, size]);
  }
  return files;
}

function templatePath(): string {
  for (const folder of [import.meta.dirname, join(import.meta.dirname, "../../dist")]) {
    const path = join(folder, "plan.html");
    if (existsSync(path)) return path;
  }
  throw new UserError(EXIT.environment, "this installation of imgc has no plan.html; build it with `npm run build`");
}
