import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { createGzip, createZstdCompress, gunzipSync, zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { compress } from "../../src/layer/compress.ts";
import type { Compression } from "../../src/layer/recipe.ts";

/** Bytes of which half cannot be compressed. */
function sample(length: number): Buffer {
  const bytes = Buffer.alloc(length, "some text that is there again and again; ");
  for (let at = 0; at < length; at += 64) createHash("sha256").update(String(at)).digest().copy(bytes, at);
  return bytes;
}

test("the compressed bytes do not depend on the size of output pieces", async () => {
  for (const length of [0, 1, 2 ** 17 - 1, 2 ** 17, 2 ** 20, 2 ** 20 + 1, 3_000_000]) {
    const bytes = sample(length);
    const pieces = Array.from({ length: Math.ceil(length / 2 ** 20) }, (_, i) =>
      bytes.subarray(i * 2 ** 20, (i + 1) * 2 ** 20),
    );
    const forms = [
      { algorithm: "gzip", make: createGzip, unpack: gunzipSync },
      { algorithm: "zstd", make: createZstdCompress, unpack: zstdDecompressSync },
    ] as const;
    for (const { algorithm, make, unpack } of forms) {
      const compression: Compression = { algorithm, level: null };
      const packed = await buffer(compress(pieces, compression));
      const plain = make();
      const feed = async () => {
        // One piece after the other: the compressor treats the last of several pending writes differently.
        for (const piece of pieces) await new Promise((resolve) => plain.write(piece, resolve));
        plain.end();
      };
      const [, expected] = await Promise.all([feed(), buffer(plain)]);
      expect(packed.equals(expected)).toBe(true);
      expect(unpack(packed).equals(bytes)).toBe(true);
    }
  }
});
