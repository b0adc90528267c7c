/**
 * The section `layers`, by image name: what the last build put where, and which packages have been seen to change.
 *
 * Packages are named as in store paths but without hash and version, so that an entry survives an update; each is a line
 * of its own, so that a diff shows what moved, and two branches' changes of different packages merge. Nothing in it can
 * make a build fail: what does not fit the closure is left out of account.
 */
import * as z from "zod/mini";
import { makeGraph, usersFirst, type ClosurePath } from "../plan/graph.ts";
import { WINDOW } from "../plan/history.ts";
import type { Past } from "../plan/plan.ts";
import { hashPart, nameOf, splitName } from "../store/store-path.ts";

export const LockedLayers = z.object({
  /** Builds that changed something, since the first. */
  rebuilds: z.number().check(z.int(), z.nonnegative()),
  /**
   * By a layer's number, which it keeps for good: a piece of the hash of each of its store paths, in order of the
   * packages' names. A line changes when clients have to pull the layer again.
   */
  contents: z.record(z.string(), z.string()),
  /** By package: "layer 3, version 2.38, changed 4 11-13", the last being the rebuilds at which it changed by itself. */
  packages: z.record(z.string(), z.string()),
});
export type LockedLayers = z.infer<typeof LockedLayers>;

/** Letters of each hash: 25 bits, and a layer is taken for unchanged only if all of its paths agree. */
const PIECE = 5;

interface Entry {
  layer: string;
  version: string;
  /** Oldest first. */
  changed: number[];
}

/** An entry as the last build left it; `hash` is a piece, and undefined where the lock's parts do not fit each other. */
interface KnownPath extends Entry {
  hash: string | undefined;
}

/** What the lock knows of a closure, in today's store paths. */
export function pastOf(lock: LockedLayers, closure: ClosurePath[]): Past {
  const known = knownPaths(lock);
  const oldest = Math.max(0, lock.rebuilds - WINDOW);
  const changes = new Map<string, number[]>();
  const layers = new Map<string, string[]>();
  const altered = new Set<string>();
  const paths = byPackage(closure);
  for (const [name, { layer, hash, changed }] of known) {
    const path = paths.get(name);
    if (path === undefined || hash !== piece(path)) altered.add(layer);
    if (path === undefined) continue;
    changes.set(
      path,
      changed.flatMap((at) => (at > oldest && at <= lock.rebuilds ? [at - oldest - 1] : [])),
    );
    layers.set(layer, [...(layers.get(layer) ?? []), path]);
  }
  const same = [...layers].flatMap(([layer, members]) => (altered.has(layer) ? [] : [members]));
  return { rebuilds: lock.rebuilds - oldest, changes, layers: same };
}

/** The lock after a build of these layers; `before` itself if nothing is new. */
export function nextLock(before: LockedLayers | undefined, closure: ClosurePath[], layers: string[][]): LockedLayers {
  const known = before === undefined ? new Map<string, KnownPath>() : knownPaths(before);
  const inLayers = new Set(layers.flat());
  const paths = [...byPackage(closure.filter(({ path }) => inLayers.has(path)))];
  const names = new Map(paths.map(([name, path]) => [path, name]));
  const { own, isNew } = changesSince(known, closure, names);
  const isSame = !isNew && known.size === names.size;
  const rebuilds = before === undefined ? 0 : isSame ? before.rebuilds : before.rebuilds + 1;
  const numbers = numberLayers(known, layers, names);
  const entries = paths.map(([name, path]): [string, string] => {
    const earlier = (known.get(name)?.changed ?? []).filter((at) => at > rebuilds - WINDOW);
    const changed = own.has(path) ? [...earlier, rebuilds] : earlier;
    return [name, writeEntry({ layer: numbers.get(path) as string, version: splitName(path).version, changed })];
  });
  const contents = new Map<string, string>();
  for (const [, path] of paths) {
    const layer = numbers.get(path) as string;
    contents.set(layer, (contents.get(layer) ?? "") + piece(path));
  }
  return { rebuilds, contents: Object.fromEntries(contents), packages: Object.fromEntries(entries) };
}

/** Paths that changed by themselves, with their version or although nothing that they refer to changed. */
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
    const isThrough = (graph.references[node] as number[]).some((next) => changed.has(next));
    if (isChanged && (entry.version !== splitName(path).version || !isThrough)) own.add(path);
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
    members.set(entry.layer, [...(members.get(entry.layer) ?? []), name]);
  }
  const known = new Map<string, KnownPath>();
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

/** By path: each new layer has the number of the old one it has most packages in common with, or one that is free. */
function numberLayers(known: Map<string, KnownPath>, layers: string[][], names: Map<string, string>) {
  const wishes = layers.flatMap((paths, i) => {
    const common = new Map<string, number>();
    for (const path of paths) {
      const old = known.get(names.get(path) as string)?.layer;
      if (old !== undefined) common.set(old, (common.get(old) ?? 0) + 1);
    }
    return [...common].map(([number, count]) => ({ i, number, count }));
  });
  const numberOf = new Map<number, string>();
  const taken = new Set<string>();
  for (const { i, number } of wishes.toSorted((a, b) => b.count - a.count || a.i - b.i)) {
    if (numberOf.has(i) || taken.has(number)) continue;
    numberOf.set(i, number);
    taken.add(number);
  }
  const numbers = new Map<string, string>();
  let free = 1;
  layers.forEach((paths, i) => {
    let number = numberOf.get(i);
    if (number === undefined) {
      while (taken.has(String(free))) free++;
      taken.add((number = String(free)));
    }
    for (const path of paths) numbers.set(path, number);
  });
  return numbers;
}

/** Every path under its package's name, sorted by it; of several with one name, the later ones are numbered. */
function byPackage(closure: ClosurePath[]): Map<string, string> {
  const paths = new Map<string, string>();
  const key = (path: string) => `${nameOf(path)}/${path}`;
  for (const path of closure.map((node) => node.path).toSorted((a, b) => (key(a) < key(b) ? -1 : 1))) {
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

function writeEntry({ layer, version, changed }: Entry): string {
  const ranges: [number, number][] = [];
  for (const at of changed) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === at - 1) last[1] = at;
    else ranges.push([at, at]);
  }
  const written = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
  return `layer ${layer}${version === "" ? "" : `, version ${version}`}${written === "" ? "" : `, changed ${written}`}`;
}

function readEntry(text: string): Entry | undefined {
  const parts = /^layer (\d+)(?:, version (\S+))?(?:, changed (\d+(?:-\d+)?(?: \d+(?:-\d+)?)*))?$/.exec(text);
  if (parts === null) return undefined;
  const [, layer = "", version = "", written = ""] = parts;
  const changed = written.split(" ").flatMap((range) => {
    if (range === "") return [];
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: Math.max(0, Math.min(to - from + 1, WINDOW)) }, (_, i) => from + i);
  });
  return { layer, version, changed };
}
