/** Checks the spec's `expect`, in builds and in `imgc verify`. */
import type { Layer, SpecialFile } from "../../layer/recipe.ts";
import type { Bound, Expect, Metadata, Named } from "../../image/image-file.ts";
import { parseDrvName } from "../../store/store-path.ts";
import type { Unmet } from "../findings.ts";
import { checkLicenses } from "./licenses.ts";

/** The facts about an image that `expect` can constrain. Sizes are uncompressed, in bytes. */
export interface Facts {
  layers: { name: string; size: number }[];
  special: SpecialFile[];
  closure: { path: string }[];
  metadata: Metadata[];
  /** The store paths of a base that another tool made. */
  foreign: ReadonlySet<string>;
}

/** The facts in recipes. `ofBase`: the special files in the file system of a base made elsewhere. */
export function factsOf(
  layers: Layer[],
  closure: { path: string }[],
  metadata: Metadata[],
  ofBase: SpecialFile[] = [],
): Facts {
  const foreign = layers.flatMap(({ content }) => (content.blob === undefined ? [] : content.paths));
  const sizes = layers.map(({ name, diffSize }) => ({ name, size: diffSize }));
  return { layers: sizes, special: visibleFiles(layers, ofBase), closure, metadata, foreign: new Set(foreign) };
}

/**
 * The special files that no higher layer hides. The layers of a base made elsewhere do not list which of their files a higher one
 * of them hides, so the base's file system counts in place of them.
 */
function visibleFiles(layers: Layer[], ofBase: SpecialFile[]): SpecialFile[] {
  const visible = new Map(ofBase.map((each) => [each.path, each]));
  for (const { content, special } of layers) {
    if (content.blob !== undefined) continue;
    const changed = new Set(content.entries.map(({ path }) => path));
    // A copied folder merges with the folder below; the entry does not tell whether the source is a folder.
    const merging = new Set(["directory", "copy"]);
    const replaced = new Set(content.entries.filter(({ kind }) => !merging.has(kind)).map(({ path }) => path));
    for (const path of visible.keys())
      if (changed.has(path) || foldersAbove(path).some((folder) => replaced.has(folder))) visible.delete(path);
    for (const each of special) visible.set(each.path, each);
  }
  return [...visible.values()];
}

function foldersAbove(path: string): string[] {
  return Array.from(path.matchAll(/(?<!^)\//g), ({ index }) => path.slice(0, index));
}

export function checkExpect(expect: Expect, { layers, special, closure, metadata, foreign }: Facts): Unmet[] {
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  const largest = layers.toSorted((a, b) => b.size - a.size)[0];
  const hint = largest ? `; the largest layer is ${largest.name} with ${largest.size} bytes` : "";
  const unmet: Unmet[] = [];
  const add = (at: (string | number)[], expectation: string, found: string) =>
    unmet.push({ at: ["expect", ...at], message: `expect ${expectation}: ${found}` });
  const bounds = (name: string, all: Bound[], value: number, found: string) => {
    for (const [i, bound] of all.entries())
      if (!holds(value, bound)) add([name, i], `${name} ${bound.operator} ${bound.value}`, found);
  };
  bounds("size", expect.size, size, `the image has ${size} bytes${hint}`);
  bounds("layers", expect.layers, layers.length, `the image has ${layers.length}`);
  for (const layer of layers)
    bounds("layer-size", expect.layerSize, layer.size, `${layer.name} has ${layer.size} bytes`);
  const { has, find } = indexOf(closure, expect.absent);
  let index = -1;
  for (const named of expect.absent) {
    if (named.wrapped !== true) index += 1;
    const found = find(named);
    if (found !== undefined) add(["absent", index], `absent ${labelOf(named)}`, `${found} is in the image`);
  }
  for (const [i, named] of expect.present.entries())
    if (!named.paths.some(has))
      add(["present", i], `present ${labelOf(named)}`, "the image does not contain the package");
  const modes = (name: string, mask: number) => {
    for (const { path, mode } of special)
      if ((mode & mask) !== 0) add([name], name, `${path} has mode ${mode.toString(8).padStart(4, "0")}`);
  };
  if (expect.noSetuid) modes("no-setuid", 0o6000);
  if (expect.noWorldWritable) modes("no-world-writable", 0o002);
  unmet.push(...checkLicenses(expect, closure, metadata, foreign));
  return unmet;
}

/** An index for finding packages in a large closure. `find` returns the first path of one of the `wanted` packages. */
function indexOf(closure: { path: string }[], wanted: Named[]) {
  const positions = new Map(closure.map(({ path }, i) => [path, i]));
  const names = new Set(wanted.map(({ name }) => name));
  const parts = wanted.reduce((most, named) => Math.max(most, partsOf(named)), 1);
  const byName = new Map<string, Ending>();
  for (const { path } of closure) {
    const { name } = parseDrvName(path);
    if (!names.has(name)) continue;
    const all = byName.get(name) ?? { first: path };
    byName.set(name, all);
    addEndings(all, path, parts);
  }
  const versionOf = (named: Named): string | undefined => {
    const all = byName.get(named.name);
    return all && pathOfOutput(all, named);
  };
  const position = (path: string): number => positions.get(path) ?? Infinity;
  return {
    has: (path: string): boolean => positions.has(path),
    find: (named: Named): string | undefined => {
      const version = versionOf(named);
      const present = [...named.paths, ...(version === undefined ? [] : [version])].filter((path) =>
        positions.has(path),
      );
      return present.toSorted((a, b) => position(a) - position(b))[0];
    },
  };
}

/**
 * The paths of one package as a tree. Names are split at dashes, and the last part is nearest to the root: `x-lib` is a child
 * of `lib`. Names of paths end with the output, except for `out`. With the tree, a path that has none of the excluded endings is
 * found without a look at every path.
 */
interface Ending {
  /** The first path with the ending. */
  first: string;
  /** By the part before the ending, in the order of their first paths. */
  longer?: Map<string, Ending>;
}

/** Limit of parts between dashes in an output's name. */
const MAX_PARTS = 4;

/** The largest number of parts in the names of a package's outputs. */
function partsOf({ output = "", others = [] }: Named): number {
  return [output, ...others].reduce((most, each) => Math.max(most, each.split("-").length), 0);
}

function addEndings(all: Ending, path: string, parts: number): void {
  let ending = all;
  for (const part of path.split("-").slice(-Math.min(parts, MAX_PARTS)).toReversed()) {
    ending.longer ??= new Map();
    const longer = ending.longer.get(part) ?? { first: path };
    ending.longer.set(part, longer);
    ending = longer;
  }
}

/** A path of the selected output. */
function pathOfOutput(all: Ending, { output = "out", others = [] }: Named): string | undefined {
  let selected: Ending | undefined = all;
  const parts = output === "out" ? [] : output.split("-").toReversed();
  for (const part of parts) selected = selected?.longer?.get(part);
  if (selected === undefined) return undefined;
  const above = new Set(
    others.flatMap((other) => [...other.matchAll(/-/g)].map(({ index }) => other.slice(index + 1))),
  );
  return pathWithout(selected, parts.toReversed().join("-"), { excluded: new Set(others), above });
}

/** A path without an excluded ending. `above`: the nodes between the root and an excluded ending, such as `lib` for `x-lib`. */
function pathWithout(
  ending: Ending,
  name: string,
  endings: { excluded: Set<string>; above: Set<string> },
): string | undefined {
  if (endings.excluded.has(name)) return undefined;
  if (name !== "" && !endings.above.has(name)) return ending.first;
  for (const [part, longer] of ending.longer ?? []) {
    const found = pathWithout(longer, name === "" ? part : `${part}-${name}`, endings);
    if (found !== undefined) return found;
  }
  return undefined;
}

function labelOf({ name, output }: Named): string {
  return output === undefined ? name : `${name}.${output}`;
}

function holds(value: number, { operator, value: bound }: Bound): boolean {
  switch (operator) {
    case "<=":
      return value <= bound;
    case "<":
      return value < bound;
    case "==":
      return value === bound;
    case ">=":
      return value >= bound;
    case ">":
      return value > bound;
  }
}
