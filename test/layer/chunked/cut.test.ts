import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { growth, LINEAR } from "../../growth.ts";
import { cut } from "../../../src/layer/chunked/cut.ts";

/** Bytes that look random, from a seed. */
function noise(length: number, seed: string): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash("sha256").update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

const texts = (bytes: Buffer) => [...cut(bytes)].map(({ start, end }) => bytes.toString("latin1", start, end));

test("the chunks of constant content start where they did in version 1", () => {
  const store = "/nix/store/00000000000000000000000000000000-a";
  const bytes = Buffer.concat([noise(400_000, "a"), Buffer.alloc(9000), noise(5000, "b"), Buffer.from(store)]);
  expect([...cut(bytes)].map(({ start, isZeros }) => `${start}${isZeros ? " zeros" : ""}`)).toMatchInlineSnapshot(`
    [
      "0",
      "57289",
      "124520",
      "214458",
      "291154",
      "375999",
      "400000 zeros",
      "409000",
      "413744",
    ]
  `);
});

test("chunks cover all bytes in order, and only long runs of zeros are chunks of zeros", () => {
  const part = fc.oneof(
    fc.nat(20_000).map((length) => Buffer.alloc(length)),
    fc.tuple(fc.nat(200_000), fc.string()).map(([length, seed]) => noise(length, seed)),
    fc.constant(Buffer.from("/nix/store/")),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const bytes = Buffer.concat(parts);
      let at = 0;
      for (const { start, end, isZeros } of cut(bytes)) {
        expect(start).toBe(at);
        expect(end).toBeGreaterThan(start);
        at = end;
        const content = bytes.subarray(start, end);
        expect(content.every((byte) => byte === 0)).toBe(isZeros || content.every((byte) => byte === 0));
        if (isZeros) expect(content.length).toBeGreaterThanOrEqual(4096);
      }
      expect(at).toBe(bytes.length);
    }),
    { numRuns: 50 },
  );
});

test("another store path of the same length changes one small chunk", () => {
  const make = (path: string) => Buffer.concat([noise(100_000, "a"), Buffer.from(path), noise(300_000, "b")]);
  const [before, after] = ["/nix/store/aaaa", "/nix/store/bbbb"].map((path) => texts(make(path))) as [
    string[],
    string[],
  ];
  const changed = after.filter((chunk) => !before.includes(chunk));
  expect(changed.length).toBe(1);
  expect(changed[0]?.length).toBeLessThanOrEqual(1024);
});

test("after an insertion, later chunks stay the same", () => {
  const before = texts(noise(2_000_000, "a"));
  const after = texts(Buffer.concat([Buffer.from("inserted"), noise(2_000_000, "a")]));
  const changed = after.filter((chunk) => !before.includes(chunk));
  expect(before.length).toBeGreaterThan(8);
  expect(changed.length).toBeLessThanOrEqual(2);
});

test("many runs of zeros take linear time", () => {
  const run = Buffer.concat([Buffer.from("x"), Buffer.alloc(8191)]);
  const grown = growth(50, (runs) => {
    const bytes = Buffer.concat(Array.from({ length: runs }, () => run));
    return () => expect([...cut(bytes)].length).toBe(2 * runs);
  });
  // If each run were followed by a search for store paths to the end of the file, the time would be quadratic.
  expect(grown).toBeLessThan(LINEAR);
});
