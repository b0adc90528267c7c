/** Computes the bytes of zstd:chunked layers that a client with another image pulls (containers/storage, pkg/chunked). */
import type { AnyLayer } from "../image/any-image.ts";
import { chunkedFiles, type ChunkTable } from "../layer/chunked/read-toc.ts";
import { ImageError } from "../oci/image-error.ts";
import { isOfMachine, messageOf } from "../util/errors.ts";
import { quantity } from "../util/quantities.ts";

/** Bytes of layers that two kinds of clients pull. */
export interface ChunkedPull {
  /** By clients that reuse chunks: Podman 4.3 and 5.4, and newer versions on file systems with reflinks. */
  chunks: number;
  /** By clients that reuse only whole files: Podman 5.8 on other file systems. */
  files: number;
}

interface Range {
  start: number;
  end: number;
}

/** Clients also fetch gaps of at most this many bytes between ranges. */
const SMALL_GAP = 128;
/** Limit of the ranges of one layer. With more ranges, clients also fetch the smallest gaps between them. */
const MAX_RANGES = 1024;
/** Bytes of headers for each range in an answer with several ranges. Registries send 120 to 155 bytes. */
export const RANGE_HEADERS = 140;

/**
 * `before`: layers that the client has. `after`: layers that it lacks, each once. Undefined if no layer of `after` is
 * zstd:chunked. Layers without chunks count as a whole.
 */
export async function chunkedPull(
  before: AnyLayer[],
  after: AnyLayer[],
  { signal, onStep }: { signal: AbortSignal | undefined; onStep: (step: string) => void },
): Promise<ChunkedPull | undefined> {
  if (after.every(({ chunks }) => chunks === undefined)) return undefined;
  const made = [...before, ...after].filter(({ chunks }) => chunks?.isMade === true);
  if (made.length > 0) onStep(`computing the chunks of ${quantity(made.length, "layer")}`);
  const known = new Set<string>();
  for (const layer of before) {
    const digests = await reading(layer, signal, async () => await layer.chunks?.digests(signal));
    for (const digest of digests ?? []) known.add(digest);
  }
  const pull = { chunks: 0, files: 0 };
  for (const layer of after) {
    const table = await reading(layer, signal, async () => await layer.chunks?.table(signal));
    pull.chunks += table === undefined ? layer.size : pulled(table, known, true);
    pull.files += table === undefined ? layer.size : pulled(table, known, false);
  }
  return pull;
}

async function reading<T>({ name }: AnyLayer, signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    signal?.throwIfAborted();
    if (isOfMachine(error)) throw error;
    throw new ImageError(`the chunks of ${name} cannot be read: ${messageOf(error)}`);
  }
}

/** The bytes of two answers: one with both tables, and one with the missing chunks. */
function pulled(table: ChunkTable, known: ReadonlySet<string>, reusesChunks: boolean): number {
  const { toc, tarSplit } = table.parts;
  const lengths = joined(missing(table, known, reusesChunks)).map(({ start, end }) => end - start);
  return answerSize([toc.length, tarSplit.length]) + answerSize(lengths);
}

function answerSize(lengths: number[]): number {
  const headers = lengths.length > 1 ? RANGE_HEADERS * lengths.length : 0;
  return lengths.reduce((sum, length) => sum + length, headers);
}

/** The frames of the chunks that the client lacks, in order. */
function missing({ toc, parts }: ChunkTable, known: ReadonlySet<string>, reusesChunks: boolean): Range[] {
  const isKnown = (digest: string | undefined) => digest !== undefined && known.has(digest);
  return chunkedFiles(toc.entries, parts.toc.offset)
    .filter(({ entry }) => entry.type === "reg" && (entry.size ?? 0) > 0 && !isKnown(entry.digest))
    .flatMap(({ chunks }) => chunks)
    .filter(({ entry }) => entry.chunkType !== "zeros" && !(reusesChunks && isKnown(entry.chunkDigest)))
    .map(({ entry: { offset = 0 }, end }) => ({ start: offset, end }));
}

/** Joins ranges as clients do. */
function joined(ranges: Range[]): Range[] {
  const adjacent = join(ranges, () => false);
  const gaps = adjacent.slice(1).map(({ start }, i) => ({ to: start, gap: start - (adjacent[i] as Range).end }));
  const excess = adjacent.length - MAX_RANGES;
  const smallest = gaps.toSorted((a, b) => a.gap - b.gap).filter(({ gap }, i) => i <= excess || gap <= SMALL_GAP);
  const starts = new Set(smallest.map(({ to }) => to));
  return join(adjacent, ({ start }) => starts.has(start));
}

/** Joins each range with the one before it, if they touch or if `isJoined`. */
function join(ranges: Range[], isJoined: (range: Range) => boolean): Range[] {
  const made: Range[] = [];
  for (const range of ranges) {
    const last = made.at(-1);
    if (last !== undefined && (range.start === last.end || isJoined(range))) last.end = range.end;
    else made.push({ ...range });
  }
  return made;
}
