import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { streamRegular, type Part } from "../../src/util/regular-file.ts";
import { folder } from "../e2e/tools.ts";

async function read(path: string, part: Part): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of streamRegular(path, part) as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

test("a file or a part of it is streamed, and the file is closed", async () => {
  const path = join(folder(), "file");
  const open = () => readdirSync("/proc/self/fd").length;
  for (const length of [0, 1, 1 << 16, (1 << 16) + 1, 3 << 20]) {
    const bytes = Buffer.alloc(length, "imgc");
    writeFileSync(path, bytes);
    const before = open();
    for (const [offset, size] of [[0], [1], [0, 3], [5, 100_000], [length, 1], [length + 1, 1], [3, 0]]) {
      const end = size === undefined ? undefined : (offset as number) + size;
      const part = size === undefined ? { offset } : { offset, size };
      expect((await read(path, part as Part)).equals(bytes.subarray(offset, end))).toBe(true);
    }
    await expect.poll(open).toBeLessThanOrEqual(before);
  }
});
