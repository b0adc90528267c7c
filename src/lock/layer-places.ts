/**
 * Numbers the layers of an image. A layer keeps its number from build to build, so that its line in the lock changes only if
 * clients must pull the layer again.
 *
 * Numbers come in blocks: one derivation makes the small layers of a block (plan/batches.ts). So the numbers of a first build
 * have gaps, and a new layer takes a number of a block whose derivation runs in any case.
 */
import { BLOCK, blockOf, hashGroups, layerName, MIN_BATCHED, type LayerPlace } from "../plan/layer-blocks.ts";

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

/** Whether each layer is small and shared with no other image. */
type OwnSmall = boolean[];

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
  const ownSmall = () => isSmall().map((small, i) => small && classes[i] === undefined);
  const numbers = sizes.size === 0 ? firstNumbers(layers, ownSmall()) : keptNumbers(layers);
  if (numbers.size < layers.length) numberNew(layers, numbers, sizes, ownSmall());
  return layers.map((_, i) => ({ number: numbers.get(i) as number, shared: classes[i] }));
}

/** Small layers in blocks with gaps, then the others. Few layers have no batches, and no gaps. */
function firstNumbers(layers: RecordedPath[][], ownSmall: OwnSmall): Map<number, number> {
  const all = [...layers.keys()];
  if (!hasBatches(ownSmall)) return new Map(all.map((i) => [i, i + 1]));
  const small = all.filter((i) => ownSmall[i]);
  const groups = hashGroups(small, (i) => layerName(layers[i]?.map(({ path }) => path) ?? []));
  const others = all.filter((i) => ownSmall[i] !== true);
  const inBlocks = groups.flatMap((group, block) =>
    group.map((i, at): [number, number] => [i, BLOCK * block + at + 1]),
  );
  return new Map([...inBlocks, ...others.map((i, at): [number, number] => [i, BLOCK * groups.length + at + 1])]);
}

function hasBatches(ownSmall: OwnSmall): boolean {
  return ownSmall.filter(Boolean).length >= MIN_BATCHED;
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
  sizes: ReadonlyMap<string, number>,
  ownSmall: OwnSmall,
): void {
  const blocks = oldBlocks(layers, numbers, sizes, ownSmall);
  const mayMix = !hasBatches(ownSmall);
  for (const i of layers.keys()) {
    if (numbers.has(i)) continue;
    const isSmall = ownSmall[i] === true;
    const fitting = [...blocks.values()].filter((block) => mayMix || block.isSmall === isSmall);
    const block = bestBlock(fitting) ?? blockAt(blocks, Math.max(-1, ...blocks.keys()) + 1);
    block.isChanged = true;
    if (isSmall) block.isSmall = true;
    numbers.set(i, takeNumber(block));
  }
}

/** The blocks of the last build, with the numbers that layers keep. */
function oldBlocks(
  layers: RecordedPath[][],
  numbers: ReadonlyMap<number, number>,
  sizes: ReadonlyMap<string, number>,
  ownSmall: OwnSmall,
): Map<number, Block> {
  const blocks = new Map<number, Block>();
  const unchanged = new Set<string>();
  for (const [i, number] of numbers) {
    const block = blockAt(blocks, blockOf(number));
    block.taken.add(number);
    if (ownSmall[i] === true) block.isSmall = true;
    if (isUnchanged(layers[i] as RecordedPath[], String(number), sizes)) unchanged.add(String(number));
  }
  for (const number of sizes.keys())
    if (!unchanged.has(number)) blockAt(blocks, blockOf(Number(number))).isChanged = true;
  return blocks;
}

/** Whether a layer has the same paths as the layer of the last build with this number. */
function isUnchanged(paths: RecordedPath[], number: string, sizes: ReadonlyMap<string, number>): boolean {
  return paths.length === sizes.get(number) && paths.every((path) => path.isSame && path.number === number);
}

/** The block with this index; a new one if there is none. */
function blockAt(blocks: Map<number, Block>, index: number): Block {
  const block = blocks.get(index) ?? { first: BLOCK * index + 1, taken: new Set(), isChanged: false, isSmall: false };
  blocks.set(index, block);
  return block;
}

/** The block for a new layer; undefined if all blocks are full. */
function bestBlock(blocks: Block[]): Block | undefined {
  const [best] = blocks
    .filter(({ taken }) => taken.size < BLOCK)
    .toSorted((a, b) => Number(b.isChanged) - Number(a.isChanged) || a.taken.size - b.taken.size || a.first - b.first);
  return best;
}

/** Takes the lowest free number of a block. */
function takeNumber({ first, taken }: Block): number {
  let number = first;
  while (taken.has(number)) number++;
  taken.add(number);
  return number;
}
