/**
 * Chooses the layers that several images share.
 *
 * The store paths that the same images hold are a class. Each of these images splits a class in the same way, apart from its
 * other paths (shared.ts), so the images share all layers of the class. But a class costs each of its images at least one
 * layer, and layers that hold only paths of one class are less free. So small classes give up a part of their sharing: their
 * paths join the class of fewer images. Then each layer goes to the class where it saves most.
 */
import { ChangeModel, topPaths, type TopPaths } from "./change-model.ts";
import { makeGraph, type ClosurePath, type Graph } from "./graph.ts";
import { Layering } from "./layering.ts";

export interface SharingImage {
  name: string;
  closure: ClosurePath[];
  /** The paths of the closure that `auto` splits. */
  paths: string[];
  /** The limit of layers of these paths. */
  budget: number;
  /** The settings on which the bytes of store layers depend, such as the compression. Only images with equal forms share layers. */
  form: string;
}

/** Paths that exactly these images have in layers of their own, and the number of these layers. */
export interface SharedClass {
  /** Sorted names. */
  images: string[];
  paths: string[];
  layers: number;
}

interface Class extends SharedClass {
  bytes: number;
}

/** The share of the bytes that sharing could save which classes give up. */
const GIVEN_UP = 0.04;
/** The largest share of an image's layers that start as one layer for each class. */
const MOST_CLASSES = 0.7;
/** The least share of an image's layers for paths that it does not share: the application changes more often than the model says. */
const LEAST_OWN = 0.2;
/** Limit of a class's paths that start as layers when its costs are estimated. */
const MAX_INITIAL = 200;
/** The recorded classes are kept if they save at least this share of the bytes that new classes save. */
const KEPT = 0.98;

/** The shared classes. `recorded`: the classes of the last builds, which are kept unless new classes save clearly more. */
export function shareLayers(images: SharingImage[], recorded: SharedClass[] = []): SharedClass[] {
  const byForm = Map.groupBy(images, ({ form }) => form).values();
  return [...byForm].flatMap((same) => shareInForm(same, recorded)).toSorted(order);
}

function shareInForm(images: SharingImage[], recorded: SharedClass[]): SharedClass[] {
  if (images.length < 2) return [];
  const union = new Map(images.flatMap(({ closure }) => closure.map((node) => [node.path, node])));
  const graph = makeGraph([...union.values()]);
  const sizeOf = (path: string) => graph.sizes[graph.index.get(path) as number] as number;
  const tops = topsOf(images, graph);
  const classes = joinSmall(classesOf(images, tops, sizeOf, graph), images);
  const made = giveLayers(classes, images, graph, tops).filter((each) => each.images.length > 1);
  const kept = recorded.filter((each) => isValid(each, images));
  const isKept = isFeasible(kept, images) && savedBytes(kept, sizeOf) >= KEPT * savedBytes(made, sizeOf);
  return (isKept ? kept : made).map(({ images: holders, paths, layers }) => ({ images: holders, paths, layers }));
}

/** The paths of most images come first, so that these images begin with the same layers. */
function order(a: SharedClass, b: SharedClass): number {
  const key = ({ images, paths }: SharedClass) => JSON.stringify([images, paths]);
  return b.images.length - a.images.length || (key(a) < key(b) ? -1 : 1);
}

/** The bytes that the images save by sharing the paths of the classes. */
export function savedBytes(classes: Pick<SharedClass, "images" | "paths">[], sizeOf: (path: string) => number): number {
  return classes.reduce(
    (sum, { images, paths }) => sum + (images.length - 1) * paths.reduce((bytes, path) => bytes + sizeOf(path), 0),
    0,
  );
}

/** The paths of applications and other roots of any image, as numbers of the graph of all images. */
function topsOf(images: SharingImage[], graph: Graph): TopPaths {
  const tops: TopPaths = { application: new Set(), others: new Set() };
  for (const { closure } of images) {
    const own = makeGraph(closure);
    const { application, others } = topPaths(own);
    const toUnion = (member: number) => graph.index.get(own.paths[member] as string) as number;
    for (const member of application) tops.application.add(toUnion(member));
    for (const member of others) tops.others.add(toUnion(member));
  }
  return tops;
}

/** Makes a class for each set of images. If several images hold top paths, top paths have classes apart from other paths. */
function classesOf(images: SharingImage[], tops: TopPaths, sizeOf: (path: string) => number, graph: Graph): Class[] {
  const holders = new Map<string, string[]>();
  for (const { name, paths } of images)
    for (const path of paths) holders.set(path, [...(holders.get(path) ?? []), name]);
  const classes = new Map<string, Class>();
  for (const path of [...holders.keys()].toSorted()) {
    const names = (holders.get(path) as string[]).toSorted();
    const member = graph.index.get(path) as number;
    const isTop = names.length > 1 && (tops.application.has(member) || tops.others.has(member));
    const key = JSON.stringify([names, isTop]);
    const known = classes.get(key) ?? { images: names, paths: [], layers: 1, bytes: 0 };
    known.paths.push(path);
    known.bytes += sizeOf(path);
    classes.set(key, known);
  }
  return [...classes.values()];
}

/** Joins classes that save few bytes to the class of fewer images that keeps most of the sharing. */
function joinSmall(classes: Class[], images: SharingImage[]): Class[] {
  const saves = ({ images: holders, bytes }: Class, left = 1) => (holders.length - left) * bytes;
  const limit = GIVEN_UP * classes.reduce((sum, each) => sum + saves(each), 0);
  const most = new Map(images.map(({ name, budget }) => [name, Math.max(1, Math.floor(MOST_CLASSES * budget))]));
  let lost = 0;
  let left = classes;
  for (;;) {
    const counts = new Map(images.map(({ name }) => [name, left.filter((each) => each.images.includes(name)).length]));
    const isCrowded = (name: string) => (counts.get(name) as number) > (most.get(name) as number);
    const shared = left.filter((each) => each.images.length > 1).toSorted((a, b) => saves(a) - saves(b));
    const joins = shared.map((from) => {
      const to = shared
        .filter((other) => isInside(other, from))
        .toSorted((a, b) => saves(b) / b.bytes - saves(a) / a.bytes)[0];
      return { from, to, loss: saves(from, to?.images.length ?? 1) };
    });
    const next = joins.find(({ from, loss }) => lost + loss <= limit || from.images.some(isCrowded));
    if (next === undefined) return left;
    lost += next.loss;
    left = join(left, next.from, next.to);
  }
}

/** Whether only a part of the images of `outer` hold the paths of `inner`. */
function isInside(inner: Class, outer: Class): boolean {
  return inner.images.length < outer.images.length && inner.images.every((name) => outer.images.includes(name));
}

/** Moves the paths of `from` to the class `to` and, for the other images of `from`, to the paths that they do not share. */
function join(classes: Class[], from: Class, to: Class | undefined): Class[] {
  const alone = from.images.filter((name) => to?.images.includes(name) !== true);
  const isOwn = (each: Class) => each.images.length === 1 && alone.includes(each.images[0] as string);
  const missing = alone
    .filter((name) => !classes.some((each) => isOwn(each) && each.images[0] === name))
    .map((name): Class => ({ images: [name], paths: [], layers: 1, bytes: 0 }));
  return [...classes.filter((each) => each !== from), ...missing].map((each) =>
    each === to || isOwn(each)
      ? { ...each, paths: [...each.paths, ...from.paths], bytes: each.bytes + from.bytes }
      : each,
  );
}

/** Gives each class layers, one after the other where the layer lowers the expected costs of the images most. */
function giveLayers(classes: Class[], images: SharingImage[], graph: Graph, tops: TopPaths): Class[] {
  const layering = new Layering(graph, new ChangeModel(graph, { rebuilds: 0, changes: [] }, tops), 1);
  const costs = classes.map((each) => costsByLayers(each, graph, layering));
  const at = (i: number, layers: number) => costs[i]?.[layers - 1] as number;
  const inImage = (name: string) => [...classes.keys()].filter((i) => classes[i]?.images.includes(name));
  const least = new Map(
    images.map(({ name }) => [name, inImage(name).reduce((sum, i) => sum + (costs[i]?.at(-1) as number), 0)]),
  );
  const budgets = new Map(images.map(({ name, budget }) => [name, budget]));
  const layers = classes.map(({ images: holders, paths }) => {
    if (holders.length > 1) return 1;
    return Math.max(1, Math.min(paths.length, Math.floor(LEAST_OWN * (budgets.get(holders[0] as string) as number))));
  });
  const used = (name: string) => inImage(name).reduce((sum, i) => sum + (layers[i] as number), 0);
  const left = new Map(images.map(({ name, budget }) => [name, budget - used(name)]));
  for (;;) {
    let best = { i: -1, gain: 0 };
    for (const [i, { images: holders }] of classes.entries()) {
      const count = layers[i] as number;
      if (count >= (costs[i]?.length ?? 0) || holders.some((name) => (left.get(name) as number) <= 0)) continue;
      const saved = at(i, count) - at(i, count + 1);
      const gain = holders.reduce((sum, name) => sum + saved / (least.get(name) as number), 0) / holders.length;
      if (gain > best.gain) best = { i, gain };
    }
    const found = classes[best.i];
    if (found === undefined) return classes.map((each, i) => ({ ...each, layers: layers[i] as number }));
    layers[best.i] = (layers[best.i] as number) + 1;
    for (const name of found.images) left.set(name, (left.get(name) as number) - 1);
  }
}

/** The expected costs of a class with 1, 2, … layers. */
function costsByLayers({ paths }: Class, graph: Graph, layering: Layering): number[] {
  const size = (member: number) => graph.sizes[member] as number;
  const large = paths
    .map((path) => graph.index.get(path) as number)
    .toSorted((a, b) => size(b) - size(a) || a - b)
    .slice(0, MAX_INITIAL);
  const groups = large.map((member) => layering.group([member], false));
  const costs = [groups.reduce((sum, group) => sum + layering.cost(group), 0)];
  layering.merge(groups, 1, (more) => costs.unshift((costs[0] as number) + more));
  return costs;
}

/** Whether each image of a recorded class still holds all its paths. */
function isValid(recorded: SharedClass, images: SharingImage[]): boolean {
  if (recorded.images.length < 2) return false;
  return recorded.images.every((name) => {
    const image = images.find((each) => each.name === name);
    const held = new Set(image?.paths);
    return recorded.paths.every((path) => held.has(path));
  });
}

function isFeasible(classes: SharedClass[], images: SharingImage[]): boolean {
  return images.every(({ name, budget }) => {
    const own = classes.filter((each) => each.images.includes(name));
    return own.reduce((sum, { layers }) => sum + layers, 0) < budget;
  });
}
