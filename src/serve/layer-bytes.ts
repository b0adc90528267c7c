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
 * `stopped`: returns whether to stop, for example because the client disconnected. Called for each piece, also for
 * pieces outside the range.
 */
export async function* layerBytes(
  blob: LayerBlob,
  range?: Range,
  stopped = () => false,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  const { start, end } = range ?? { start: 0, end: blob.size };
  const hash = createHash("sha256");
  let size = 0;
  let held: Buffer<ArrayBuffer> | undefined;
  try {
    const { content, compression } = blob.layer;
    requireInStore(content, blob.root);
    const bytes = (blob.plain ? plainBytes : packedBytes)(content, compression, blob.root);
    for await (const piece of regroup(bytes)) {
      if (stopped()) return;
      hash.update(piece);
      const wanted = piece.subarray(Math.max(0, start - size), Math.max(0, end - size));
      size += piece.length;
      if (size > blob.size) break;
      if (wanted.length === 0) continue;
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
