/**
 * Makes the bytes of a layer's blob, and yields the last piece only if the digest of the whole blob is right. So a
 * client that receives a complete blob has a correct one. Runs in a worker thread.
 */
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { packedBytes, plainBytes } from "../layer/bytes.ts";
import { OutsideStore, requireInStore } from "../layer/sources.ts";
import { findDamage } from "./damage.ts";
import type { LayerBlob } from "./layer-blob.ts";
import type { Range } from "./range.ts";
import { EXIT, ImgcError, messageOf } from "../util/errors.ts";
import { digestOf } from "../oci/digest.ts";

/** The layer cannot be made as it was built. */
export class DamagedLayer extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}

/** Bytes of a piece: small enough to send promptly, large enough that passing pieces between threads is cheap. */
const PIECE = 1 << 18;

/**
 * `ranges`: ascending, without overlaps. `stopped`: returns whether to stop, for example because the client disconnected. Called for each piece, also for
 * pieces outside the ranges.
 */
export async function* layerBytes(
  blob: LayerBlob,
  ranges: Range[] = [{ start: 0, end: blob.size }],
  stopped = () => false,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  const hash = createHash("sha256");
  let size = 0;
  let held: Buffer<ArrayBuffer> | undefined;
  const left = [...ranges];
  try {
    const { content, compression } = blob.layer;
    requireInStore(content, blob.root);
    const bytes = (blob.plain ? plainBytes : packedBytes)(content, compression, blob.root);
    for await (const piece of isFile(blob) ? ownPieces(bytes) : regroup(bytes)) {
      if (stopped()) return;
      hash.update(piece);
      const start = size;
      size += piece.length;
      if (size > blob.size) break;
      const wanted = within(piece, start, left);
      if (wanted === undefined) continue;
      if (held !== undefined) yield held;
      held = wanted;
    }
  } catch (error) {
    if (error instanceof OutsideStore) throw new DamagedLayer(`${blob.title}: ${error.message}`);
    throw new DamagedLayer(findDamage(blob, messageOf(error)));
  }
  const digest = digestOf(hash);
  if (digest !== blob.digest) throw new DamagedLayer(findDamage(blob, `its bytes have ${digest}`));
  if (held !== undefined) yield held;
}

/** The bytes of a piece in the ranges; undefined if there are none. Removes the ranges that end in the piece from `ranges`. */
function within(piece: Buffer<ArrayBuffer>, start: number, ranges: Range[]): Buffer<ArrayBuffer> | undefined {
  const end = start + piece.length;
  const parts: Buffer<ArrayBuffer>[] = [];
  for (let [range] = ranges; range !== undefined && range.start < end; [range] = ranges) {
    parts.push(piece.subarray(Math.max(0, range.start - start), range.end - start));
    if (range.end > end) break;
    ranges.shift();
  }
  const [first, ...more] = parts;
  if (more.length === 0) return first;
  // In memory of its own, so that it can be transferred to another thread.
  const joined = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let used = 0;
  for (const part of parts) used += part.copy(joined, used);
  return joined;
}

/** Whether the blob is a file, whose bytes need no compression. */
export function isFile({ layer, plain }: LayerBlob): boolean {
  return layer.content.blob !== undefined && !plain;
}

/** The pieces of a file's stream, which have memory of their own already: a copy of each would cost more than reading it. */
function ownPieces(pieces: AsyncIterable<Buffer> | Iterable<Buffer>) {
  return pieces as AsyncIterable<Buffer<ArrayBuffer>>;
}

/**
 * Regroups bytes into pieces of the size PIECE; only the last may be smaller. Each piece has its own memory, so that it
 * can be transferred to another thread.
 */
async function* regroup(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer<ArrayBuffer>> {
  let group = Buffer.allocUnsafeSlow(PIECE);
  let used = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const copied = piece.copy(group, used, at);
      at += copied;
      used += copied;
      if (used < PIECE) continue;
      yield group;
      group = Buffer.allocUnsafeSlow(PIECE);
      used = 0;
      // Let the thread handle messages: reading an uncompressed stream never waits.
      await setImmediate();
    }
  }
  if (used > 0) yield group.subarray(0, used);
}
