import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decompress, sniff } from "../../src/layer/decompress.ts";

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function plain(packed: Buffer, algorithm: "gzip" | "zstd", size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of decompress(pieces(packed, size), algorithm)) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

const parts = fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(400)), { minLength: 1, maxLength: 5 });
/** A skippable frame of zstd (RFC 8878, 3.1.2). */
const skipped = (bytes: Uint8Array) => {
  const head = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
};
const algorithms = fc.constantFrom("gzip" as const, "zstd" as const);
const pack = { gzip: gzipSync, zstd: zstdCompressSync };

test("all frames of zstd and all members of gzip are read, in pieces of any size", async () => {
  await fc.assert(
    fc.asyncProperty(parts, algorithms, fc.integer({ min: 1, max: 700 }), async (made, algorithm, size) => {
      const texts = made.map(([bytes, times]) => Buffer.concat(Array.from({ length: times % 40 }, () => bytes)));
      const packed = texts.flatMap((text, i) => [
        ...(algorithm === "zstd" && i % 2 === 1 ? [skipped(text)] : []),
        pack[algorithm](text),
      ]);
      const whole = Buffer.concat(packed);
      expect(sniff(whole.subarray(0, 4))).toBe(algorithm);
      expect((await plain(whole, algorithm, size)).equals(Buffer.concat(texts))).toBe(true);
    }),
  );
});

test("truncated input and bytes after the end are errors", async () => {
  const text = Buffer.from("some words ".repeat(50));
  for (const algorithm of ["gzip", "zstd"] as const) {
    const packed = pack[algorithm](text);
    for (const size of [1, 10, 1 << 20]) {
      for (let length = 1; length < packed.length; length++) {
        await expect(plain(packed.subarray(0, length), algorithm, size)).rejects.toThrow(/unexpected end of file/);
      }
      for (const behind of [Buffer.from("x"), Buffer.alloc(512), Buffer.from("other words"), packed.subarray(0, 5)]) {
        await expect(plain(Buffer.concat([packed, behind]), algorithm, size)).rejects.toThrow();
      }
    }
  }
});

test("a reader that stops early ends the source", async () => {
  let isEnded = false;
  async function* source(): AsyncGenerator<Buffer> {
    try {
      yield* pieces(gzipSync(Buffer.alloc(1 << 22)), 64);
    } finally {
      isEnded = true;
    }
  }
  for await (const piece of decompress(source(), "gzip")) if (piece.length > 0) break;
  expect(isEnded).toBe(true);
});
