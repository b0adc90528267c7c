/** Blocks of layer numbers: the lock numbers the layers of an image so that the layers of a block make a batch (batches.ts). */
import { splitName } from "../store/store-path.ts";
import { scramble } from "./change-model.ts";

/** Fewer layers than this are not worth batches. */
export const MIN_BATCHED = 16;
/** Limit of layers in a batch. Each batch has a block of this number of layer numbers. */
export const BLOCK = 20;

export interface LayerPlace {
  /** At least 1. */
  number: number;
  /** The class of packages that other images share, if all paths of the layer belong to one class. */
  shared: string | undefined;
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
