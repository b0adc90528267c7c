/**
 * Cuts the content of a file into chunks. Clients fetch only those chunks that they lack, so bytes that a rebuild changes
 * should share few chunks with bytes that stay. If only the hashes of store paths change, store paths in files change, and
 * patchelf moves runs of zeros. A rolling hash cuts the rest, so that chunks after an insertion stay the same.
 */

export interface Chunk {
  start: number;
  end: number;
  /** Whether all bytes are zeros. Clients make such a chunk and never fetch it. */
  isZeros: boolean;
}

/** Bytes of a run of zeros that is a chunk of its own. A multiple of PROBE. */
const MIN_ZEROS = 4096;
/** A run of MIN_ZEROS zeros contains at least one block of zeros of this size at a multiple of this size. */
const PROBE = 2048;
const STORE = Buffer.from("/nix/store/");
/** Bytes before and after the start of a store path that are in its chunk. */
const AROUND = 256;
/** The rolling hash cuts no chunk of fewer bytes. */
const MIN_CHUNK = 1 << 15;
/** The hash cuts where these bits are zero: 128 KiB after MIN_CHUNK on average. */
const MASK = 0xffff8000 | 0;
/** The number of last bytes that the rolling hash depends on. */
const WINDOW = 32;

/** The chunks of a file, or of a part of a file, in order. */
export function* cut(bytes: Buffer): Generator<Chunk> {
  let start = 0;
  for (const run of zeroRuns(bytes)) {
    yield* cutData(bytes, start, run.start);
    yield { ...run, isZeros: true };
    start = run.end;
  }
  yield* cutData(bytes, start, bytes.length);
}

function* zeroRuns(bytes: Buffer): Generator<{ start: number; end: number }> {
  for (let at = 0; at + PROBE <= bytes.length;) {
    if (!isZero(bytes, at)) {
      at += PROBE;
      continue;
    }
    let start = at;
    while (start > 0 && bytes[start - 1] === 0) start--;
    let end = at + PROBE;
    while (end < bytes.length && bytes[end] === 0) end++;
    if (end - start >= MIN_ZEROS) yield { start, end };
    at = (Math.floor(end / PROBE) + 1) * PROBE;
  }
}

function isZero(bytes: Buffer, at: number): boolean {
  for (let i = at; i < at + PROBE; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Cuts around store paths, and cuts the rest by the rolling hash. */
function* cutData(bytes: Buffer, from: number, to: number): Generator<Chunk> {
  // A search in the whole buffer would read it again for each run of zeros.
  const data = bytes.subarray(from, to);
  let start = 0;
  for (let found = data.indexOf(STORE); found >= 0;) {
    const near = { start: Math.max(start, found - AROUND), end: Math.min(data.length, found + AROUND) };
    found = data.indexOf(STORE, found + STORE.length);
    while (found >= 0 && found - AROUND <= near.end) {
      near.end = Math.min(data.length, found + AROUND);
      found = data.indexOf(STORE, found + STORE.length);
    }
    yield* cutByHash(bytes, from + start, from + near.start);
    yield { start: from + near.start, end: from + near.end, isZeros: false };
    start = near.end;
  }
  yield* cutByHash(bytes, from + start, to);
}

function* cutByHash(bytes: Buffer, from: number, to: number): Generator<Chunk> {
  let start = from;
  while (to - start > MIN_CHUNK) {
    let hash = 0;
    let at = start + MIN_CHUNK - WINDOW;
    for (const warm = start + MIN_CHUNK; at < warm; at++) hash = (hash << 1) + (GEAR[bytes[at] as number] as number);
    for (; at < to && (hash & MASK) !== 0; at++) hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    yield { start, end: at, isZeros: false };
    start = at;
  }
  if (to > start) yield { start, end: to, isZeros: false };
}

/** A random number for each byte, from a fixed generator (mulberry32). */
const GEAR = Int32Array.from({ length: 256 }, (_, i) => {
  let value = Math.imul(i + 1, 0x6d2b79f5);
  value = Math.imul(value ^ (value >>> 15), value | 1);
  value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
  return value ^ (value >>> 14);
});
