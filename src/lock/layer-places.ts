/**
 * Numbers the layers of an image. A layer keeps its number from build to build, so that its line in the lock changes only if
 * clients must pull the layer again.
 *
 * Numbers come in blocks: one derivation makes the small layers of a block (plan/batches.ts). So the numbers of a first build
 * have gaps, and a new layer takes a number of a block whose derivation runs in any case.
 */
import { BLOCK, blockOf, hashGroups, layerName, MIN_BATCHED, type LayerPlace } from "../plan/batches.ts";

/** A path of a layer, as the lock records its package. */
export interface RecordedPath {
  path: string;
  /** The number of the package's layer in the last build. */
  number: string | undefined;
  /** Whether the last build had the same path. */
  isSame: boolean;
  /** The class of packages that other images share. */
  shared: string | undefined;
}

/** Whether each layer is small and does not change with the application. */
type IsSmall = () => boolean[];

/** The numbers of one block. */
interface Block {
  /** The first number. */
  first: number;
  taken: Set<number>;
  /** Whether the derivation of the block runs again, or has no layers. */
  isChanged: boolean;
  /** Whether the block has small layers that no other image shares. */
  isSmall: boolean;
}

/** `sizes`: the number of packages in each layer of the last build, by the number of the layer. */
export function placeLayers(
  layers: RecordedPath[][],
  sizes: ReadonlyMap<string, number>,
  isSmall: IsSmall,
): LayerPlace[] {
  const classes = layers.map((paths) => {
    const [shared, ...others] = new Set(paths.map((path) => path.shared));
    return others.length === 0 ? shared : undefined;
  });
  const numbers = sizes.size === 0 ? firstNumbers(layers, classes, isSmall()) : keptNumbers(layers);
  if (numbers.size < layers.length) numberNew(layers, numbers, { classes, sizes, isSmall: isSmall() });
  return layers.map((_, i) => ({ number: numbers.get(i) as number, shared: classes[i] }));
}

/** Small layers in blocks with gaps, then the others. Few layers have no batches, and no gaps. */
function firstNumbers(
  layers: RecordedPath[][],
  classes: (string | undefined)[],
  isSmall: boolean[],
): Map<number, number> {
  const isOwnSmall = (i: number) => isSmall[i] === true && classes[i] === undefined;
  const all = [...layers.keys()];
  const small = all.filter(isOwnSmall);
  if (small.length < MIN_BATCHED) return new Map(all.map((i) => [i, i + 1]));
  const groups = hashGroups(small, (i) => layerName(layers[i]?.map(({ path }) => path) ?? []));
  const others = all.filter((i) => !isOwnSmall(i));
  const inBlocks = groups.flatMap((group, block) =>
    group.map((i, at): [number, number] => [i, BLOCK * block + at + 1]),
  );
  return new Map([...inBlocks, ...others.map((i, at): [number, number] => [i, BLOCK * groups.length + at + 1])]);
}

/** Each layer has the number of the old layer with which it shares most packages. */
function keptNumbers(layers: RecordedPath[][]): Map<number, number> {
  const candidates = layers.flatMap((paths, i) => {
    const common = Map.groupBy(paths, ({ number }) => number);
    return [...common].flatMap(([number, { length }]) =>
      number === undefined ? [] : [{ i, number: Number(number), count: length }],
    );
  });
  const numbers = new Map<number, number>();
  const taken = new Set<number>();
  for (const { i, number } of candidates.toSorted((a, b) => b.count - a.count || a.i - b.i)) {
    if (numbers.has(i) || taken.has(number)) continue;
    numbers.set(i, number);
    taken.add(number);
  }
  return numbers;
}

/** Gives new layers numbers: small layers preferably in a changed block, and all new ones in few blocks. */
function numberNew(
  layers: RecordedPath[][],
  numbers: Map<number, number>,
  {
    classes,
    sizes,
    isSmall,
  }: { classes: (string | undefined)[]; sizes: ReadonlyMap<string, number>; isSmall: boolean[] },
): void {
  const isOwnSmall = (i: number) => isSmall[i] === true && classes[i] === undefined;
  const isFew = [...layers.keys()].filter(isOwnSmall).length < MIN_BATCHED;
  const blocks = new Map<number, Block>();
  const blockAt = (index: number): Block => {
    const block = blocks.get(index) ?? {
      first: BLOCK * index + 1,
      taken: new Set<number>(),
      isChanged: false,
      isSmall: false,
    };
    blocks.set(index, block);
    return block;
  };
  const unchanged = new Set<string>();
  for (const [i, number] of numbers) {
    const block = blockAt(blockOf(number));
    block.taken.add(number);
    if (isOwnSmall(i)) block.isSmall = true;
    const paths = layers[i] as RecordedPath[];
    const isWhole = paths.length === sizes.get(String(number)) && paths.every(({ isSame }) => isSame);
    if (isWhole && paths.every((path) => path.number === String(number))) unchanged.add(String(number));
  }
  for (const number of sizes.keys()) if (!unchanged.has(number)) blockAt(blockOf(Number(number))).isChanged = true;
  for (const i of layers.keys()) {
    if (numbers.has(i)) continue;
    const open = [...blocks.values()].filter((block) => {
      return (isFew || block.isSmall === isOwnSmall(i)) && block.taken.size < BLOCK;
    });
    const [best] = open.toSorted(
      (a, b) => Number(b.isChanged) - Number(a.isChanged) || a.taken.size - b.taken.size || a.first - b.first,
    );
    const block = best ?? blockAt(Math.max(-1, ...blocks.keys()) + 1);
    let number = block.first;
    while (block.taken.has(number)) number++;
    block.taken.add(number);
    block.isChanged = true;
    if (isOwnSmall(i)) block.isSmall = true;
    numbers.set(i, number);
  }
}
