/**
 * Selects small layers whose recipes one derivation makes, since a derivation costs more time than hashing a small layer.
 *
 * A batch is made again if one of its layers changes. So layers that change with the application are in no batch, and batches
 * are small. The lock numbers the layers (lock/layer-places.ts): layers whose numbers are in one block are a batch, so a layer
 * stays in its batch from build to build. Layers that several images share are in batches of their own, whose members depend
 * only on the shared layers: these images have the same batches.
 */
import { scramble, topPaths } from "./change-model.ts";
import { makeGraph, type ClosurePath } from "./graph.ts";
import { splitName } from "../store/store-path.ts";

/** Limit of a layer's bytes: hashing more takes clearly longer than starting a derivation. */
const MAX_BYTES = 24e6;
/** Fewer layers than this are not worth batches. */
export const MIN_BATCHED = 16;
/** Limit of layers in a batch. Each batch has a block of this number of layer numbers. */
export const BLOCK = 20;
/** With more application paths than this, only the roots among them are likely to change alone. */
const MAX_APPLICATION = 8;

export interface LayerPlace {
  /** At least 1. */
  number: number;
  /** The class of packages that other images share, if all paths of the layer belong to one class. */
  shared: string | undefined;
}

/** For each layer, the name of its batch; undefined for a layer with a derivation of its own. */
export function batchesOf(
  layers: readonly { name: string; paths: string[] }[],
  closure: ClosurePath[],
  places: readonly LayerPlace[],
): (string | undefined)[] {
  const batches = layers.map((): string | undefined => undefined);
  const isSmall = smallLayers(
    layers.map(({ paths }) => paths),
    closure,
  );
  const small = [...layers.keys()].filter((i) => isSmall[i] === true && layers[i]?.name !== "volatile");
  const give = (members: number[], name: string) => {
    if (members.length > 1) for (const layer of members) batches[layer] = name;
  };
  const byClass = Map.groupBy(small, (i) => places[i]?.shared);
  for (const [shared, members] of byClass) {
    if (shared === undefined) continue;
    const groups = hashGroups(members, (i) => layerName(layers[i]?.paths ?? []));
    for (const [i, group] of groups.entries()) give(group, `shared-${shared}-${i}`);
  }
  const own = byClass.get(undefined) ?? [];
  if (own.length < MIN_BATCHED) return batches;
  const blocks = Map.groupBy(own, (i) => blockOf(places[i]?.number ?? 1));
  for (const [block, members] of blocks) give(members, `block-${block}`);
  return batches;
}

/** Whether each layer is small and does not change with the application. */
export function smallLayers(layers: readonly string[][], closure: ClosurePath[]): boolean[] {
  const graph = makeGraph(closure);
  const { application, others } = topPaths(graph);
  const used = new Set(graph.references.flat());
  const isMany = application.size > MAX_APPLICATION;
  const alone = [...application, ...others].filter((node) => !isMany || !used.has(node));
  const changing = new Set(alone.map((node) => graph.paths[node]));
  const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
  return layers.map((paths) => {
    const bytes = paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
    return bytes <= MAX_BYTES && !paths.some((path) => changing.has(path));
  });
}

export function blockOf(number: number): number {
  return Math.floor((number - 1) / BLOCK);
}

/** A name for a layer that new versions of its packages do not change. */
export function layerName(paths: readonly string[]): string {
  const names = paths.map((path) => splitName(path).name);
  return names.reduce((least, name) => (name < least ? name : least), names[0] ?? "");
}

/** Divides items into groups of at most BLOCK. Hashes of names decide, so that a new item leaves most groups as they are. */
export function hashGroups<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[][] {
  const split = (members: { item: Item; hash: number }[], bit: number): Item[][] => {
    if (members.length === 0) return [];
    if (members.length <= BLOCK || bit === 32) return [members.map(({ item }) => item)];
    return [0, 1].flatMap((side) =>
      split(
        members.filter(({ hash }) => ((hash >>> bit) & 1) === side),
        bit + 1,
      ),
    );
  };
  return split(
    items.map((item) => ({ item, hash: scramble(nameOf(item)) })),
    0,
  );
}
