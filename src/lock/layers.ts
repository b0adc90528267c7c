/**
 * The lock's records of an image: the layer of each package in the last build, and recorded changes of packages.
 *
 * Packages have the names of their store paths without hash and version, so that entries survive updates. Each entry is a line,
 * so that diffs show moved packages, and changes of different packages merge. No entry can make a build fail: entries that do
 * not match the closure are ignored.
 */
import * as z from "zod/mini";
import type { LayerPlace } from "../plan/layer-blocks.ts";
import { smallLayers } from "../plan/small-layers.ts";
import { makeGraph, usersFirst, type ClosurePath } from "../plan/graph.ts";
import { WINDOW } from "../plan/history.ts";
import type { Past } from "../plan/plan.ts";
import { hashPart, nameOf, splitName } from "../store/store-path.ts";
import { placeLayers, type RecordedPath } from "./layer-places.ts";
import { entryOf } from "./pins.ts";

export const LockedLayers = z.object({
  /** The number of builds with changes after the first build. */
  rebuilds: z.number().check(z.int(), z.nonnegative()),
  /**
   * By layer number: PIECE characters of the hash of each store path in the layer, in the order of package names. A layer keeps
   * its number from build to build, so its line changes if clients must pull the layer again.
   */
  contents: z.record(z.string(), z.string()),
  /** By package: "layer 3, version 2.38, changed 4 11-13", with the rebuilds in which the package itself changed. */
  packages: z.record(z.string(), z.string()),
  /** By class of shared packages: the number of its layers, and the other images: "3 layers with shop/web shop/worker". */
  shared: z.optional(z.record(z.string(), z.string())),
});
export type LockedLayers = z.infer<typeof LockedLayers>;

/** Characters of each hash in `contents`: 25 bits. A layer counts as unchanged only if these match for all its paths. */
const PIECE = 5;

export interface Entry {
  /** Undefined if no build has recorded the package. */
  layer: string | undefined;
  version: string;
  /** Oldest first. */
  changed: number[];
  /** The class of packages that other images have as well. */
  shared: string | undefined;
}

/** A package in the last build. `hash`: PIECE characters of its path's hash; undefined if `contents` does not have them. */
interface KnownPath extends Entry {
  hash: string | undefined;
}

/** The lock's records of a closure's packages, by current store path. */
export function pastOf(lock: LockedLayers, closure: ClosurePath[]): Past {
  const known = knownPaths(lock);
  const oldest = Math.max(0, lock.rebuilds - WINDOW);
  const changes = new Map<string, number[]>();
  const layers = new Map<string, string[]>();
  const altered = new Set<string>();
  const paths = byPackage(closure);
  const classes = new Map<string, string[]>();
  for (const [name, { layer, hash, changed, shared }] of known) {
    const path = paths.get(name);
    if (shared !== undefined && path !== undefined) classes.set(shared, [...(classes.get(shared) ?? []), path]);
    if (layer === undefined) continue;
    if (path === undefined || hash !== piece(path)) altered.add(layer);
    if (path === undefined) continue;
    changes.set(
      path,
      changed.flatMap((at) => (at > oldest && at <= lock.rebuilds ? [at - oldest - 1] : [])),
    );
    layers.set(layer, [...(layers.get(layer) ?? []), path]);
  }
  const same = [...layers].flatMap(([layer, members]) => (altered.has(layer) ? [] : [members]));
  const shared = Object.entries(lock.shared ?? {})
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .flatMap(([number, text]) => {
      const [members = [], sharing] = [classes.get(number), readSharing(text)];
      return sharing === undefined ? [] : [{ paths: members, layers: sharing.layers }];
    });
  return { rebuilds: lock.rebuilds - oldest, changes, layers: same, shared };
}

/** An image's packages that other images have as well. */
export interface Sharing {
  /** The classes of packages. */
  packages: Record<string, string>;
  /** By class, its description in the lock. */
  shared: Record<string, string>;
}

const NOT_SHARED: Sharing = { packages: {}, shared: {} };

/**
 * The lock after a build of these layers; it equals `before` if no path changed. `sharing`: the classes for the next plan.
 */
export function nextLock(
  before: LockedLayers | undefined,
  closure: ClosurePath[],
  layers: string[][],
  sharing: Sharing = NOT_SHARED,
): LockedLayers {
  const known = before === undefined ? new Map<string, KnownPath>() : knownPaths(before);
  const paths = [...byPackage(pathsIn(layers, closure))];
  const names = new Map(paths.map(([name, path]) => [path, name]));
  const { own, isNew } = changesSince(known, closure, names);
  const isSame = !isNew && known.size === names.size;
  const isFirst = before === undefined || Object.keys(before.contents).length === 0;
  const rebuilds = isFirst ? 0 : isSame ? before.rebuilds : before.rebuilds + 1;
  const places = placesOf({ known, names }, closure, layers);
  const numbers = new Map(
    layers.flatMap((held, i) => held.map((path): [string, string] => [path, String(places[i]?.number)])),
  );
  const entries = paths.map(([name, path]): [string, string] => {
    const earlier = (known.get(name)?.changed ?? []).filter((at) => at > rebuilds - WINDOW);
    const changed = own.has(path) ? [...earlier, rebuilds] : earlier;
    const { version } = splitName(path);
    const shared = entryOf(sharing.packages, name);
    return [name, writeEntry({ layer: numbers.get(path) as string, version, changed, shared })];
  });
  const contents = new Map<string, string>();
  for (const [, path] of paths) {
    const layer = numbers.get(path) as string;
    contents.set(layer, (contents.get(layer) ?? "") + piece(path));
  }
  return {
    rebuilds,
    contents: Object.fromEntries(contents),
    packages: Object.fromEntries(entries),
    ...(Object.keys(sharing.shared).length === 0 ? {} : { shared: sharing.shared }),
  };
}

/** Paths that changed themselves: their version changed, or they changed although none of their references did. */
function changesSince(known: Map<string, KnownPath>, closure: ClosurePath[], names: Map<string, string>) {
  const graph = makeGraph(closure);
  const changed = new Set<number>();
  const own = new Set<string>();
  for (const node of usersFirst(graph).toReversed()) {
    const path = graph.paths[node] as string;
    const entry = known.get(names.get(path) as string);
    const isChanged = entry?.hash !== piece(path);
    if (isChanged) changed.add(node);
    if (entry === undefined || entry.hash === undefined) continue;
    const hasChangedReference = (graph.references[node] as number[]).some((next) => changed.has(next));
    if (isChanged && (entry.version !== splitName(path).version || !hasChangedReference)) own.add(path);
  }
  return { own, isNew: changed.size > 0 };
}

function knownPaths(lock: LockedLayers): Map<string, KnownPath> {
  const members = new Map<string, string[]>();
  const entries = new Map<string, Entry>();
  for (const [name, text] of Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const entry = readEntry(text);
    if (entry === undefined) continue;
    entries.set(name, entry);
    if (entry.layer === undefined) continue;
    members.set(entry.layer, [...(members.get(entry.layer) ?? []), name]);
  }
  const known = new Map<string, KnownPath>([...entries].map(([name, entry]) => [name, { ...entry, hash: undefined }]));
  for (const [layer, names] of members) {
    const content = lock.contents[layer] ?? "";
    const fits = content.length === PIECE * names.length;
    names.forEach((name, i) => {
      const hash = fits ? content.slice(PIECE * i, PIECE * (i + 1)) : undefined;
      known.set(name, { ...(entries.get(name) as Entry), hash });
    });
  }
  return known;
}

/** The places of an image's layers, after builds that the lock records. The layers include those of its bases. */
export function layerPlaces(lock: LockedLayers | undefined, closure: ClosurePath[], layers: string[][]): LayerPlace[] {
  const known = lock === undefined ? new Map<string, KnownPath>() : knownPaths(lock);
  return placesOf({ known, names: packageNames(pathsIn(layers, closure)) }, closure, layers);
}

/** `known`: the packages of the last build; `names`: the package names of the paths in the layers. */
function placesOf(
  { known, names }: { known: Map<string, KnownPath>; names: Map<string, string> },
  closure: ClosurePath[],
  layers: string[][],
): LayerPlace[] {
  const recorded = layers.map((paths) =>
    paths.map((path): RecordedPath => {
      const entry = known.get(names.get(path) ?? "");
      return { path, number: entry?.layer, isSame: entry?.hash === piece(path), shared: entry?.shared };
    }),
  );
  const sizes = new Map<string, number>();
  for (const { layer } of known.values()) if (layer !== undefined) sizes.set(layer, (sizes.get(layer) ?? 0) + 1);
  return placeLayers(recorded, sizes, () => smallLayers(layers, closure).map((kind) => kind === "stable"));
}

function pathsIn(layers: string[][], closure: ClosurePath[]): ClosurePath[] {
  const held = new Set(layers.flat());
  return closure.filter(({ path }) => held.has(path));
}

/** The package names of the paths of a closure. */
export function packageNames(closure: ClosurePath[]): Map<string, string> {
  return new Map([...byPackage(closure)].map(([name, path]) => [path, name]));
}

/** Paths by package name, sorted. If several paths have a name, all but the first get a number. */
function byPackage(closure: ClosurePath[]): Map<string, string> {
  const paths = new Map<string, string>();
  const keyed = closure.map(({ path }) => ({ path, key: `${nameOf(path)}/${path}` }));
  for (const { path } of keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const { name } = splitName(path);
    let unique = name;
    for (let i = 2; paths.has(unique); i++) unique = `${name}#${i}`;
    paths.set(unique, path);
  }
  return new Map([...paths].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function piece(path: string): string {
  return hashPart(path).slice(0, PIECE).padEnd(PIECE, "-");
}

function writeEntry({ layer, version, changed, shared }: Entry): string {
  const ranges: [number, number][] = [];
  for (const at of changed) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === at - 1) last[1] = at;
    else ranges.push([at, at]);
  }
  const rebuilds = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
  return [
    ...(layer === undefined ? [] : [`layer ${layer}`]),
    ...(version === "" ? [] : [`version ${version}`]),
    ...(rebuilds === "" ? [] : [`changed ${rebuilds}`]),
    ...(shared === undefined ? [] : [`shared ${shared}`]),
  ].join(", ");
}

export function readEntry(text: string): Entry | undefined {
  const onlyShared = /^shared (\d+)$/.exec(text)?.[1];
  if (onlyShared !== undefined) return { layer: undefined, version: "", changed: [], shared: onlyShared };
  const parts =
    /^layer ([1-9]\d{0,5})(?:, version (\S+?))?(?:, changed (\d+(?:-\d+)?(?: \d+(?:-\d+)?)*))?(?:, shared (\d+))?$/.exec(
      text,
    );
  if (parts === null) return undefined;
  const [, layer = "", version = "", rebuilds = "", shared] = parts;
  const changed = rebuilds.split(" ").flatMap((range) => {
    if (range === "") return [];
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: Math.max(0, Math.min(to - from + 1, WINDOW)) }, (_, i) => from + i);
  });
  return { layer, version, changed, shared };
}

export function writeSharing(layers: number, others: string[]): string {
  return `${layers} ${layers === 1 ? "layer" : "layers"} with ${others.join(" ")}`;
}

export function readSharing(text: string): { layers: number; others: string[] } | undefined {
  const [, layers, others] = /^(\d+) layers? with (\S+(?: \S+)*)$/.exec(text) ?? [];
  return layers === undefined ? undefined : { layers: Number(layers), others: others?.split(" ") ?? [] };
}
