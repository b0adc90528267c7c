/** Two forms of a layer: the content is read once, and each form equals a layer made in this form alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { digestForms, digestLayer } from "../../src/layer/digest.ts";
import type { Compression, LayerContent, RootEntry } from "../../src/layer/recipe.ts";
import { tee } from "../../src/layer/tee.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-forms-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Branch = ReturnType<typeof tee<number>>[number];

const FORMS: Compression[] = [
  { algorithm: "gzip", level: null },
  { algorithm: "zstd", level: 3, chunked: true },
];

function content(size: number): LayerContent {
  const source = join(folder, `data-${size}`);
  writeFileSync(source, Buffer.from(Array.from({ length: size }, (_, i) => (i * i) % 251)));
  const entry: RootEntry = { kind: "copy", path: "/data", source, mode: null, uid: 0, gid: 0 };
  return { paths: [], entries: [entry], permissions: [] };
}

test.each([0, 5000, 3_000_000])("both forms of %i bytes", async (size) => {
  const packed = FORMS.map((): Buffer[] => []);
  let read = 0;
  const layers = await digestForms("files", content(size), FORMS, {
    onChunk: (chunk) => (read += chunk.length),
    onPacked: packed.map((pieces) => (piece) => pieces.push(Buffer.from(piece))),
  });
  for (const [i, form] of FORMS.entries()) {
    const alone: Buffer[] = [];
    const expected = await digestLayer("files", content(size), form, "", undefined, (piece) =>
      alone.push(Buffer.from(piece)),
    );
    expect(layers[i]).toEqual(expected);
    expect(Buffer.concat(packed[i] as Buffer[]).equals(Buffer.concat(alone))).toBe(true);
  }
  expect(read).toBe(layers[0]?.diffSize);
});

test("an error of the source reaches the caller", async () => {
  const missing: RootEntry = { kind: "copy", path: "/x", source: join(folder, "missing"), mode: null, uid: 0, gid: 0 };
  const options = { onChunk: () => {}, onPacked: [() => {}, () => {}] };
  await expect(
    digestForms("files", { paths: [], entries: [missing], permissions: [] }, FORMS, options),
  ).rejects.toThrow("ENOENT");
});

test("each branch gets every piece before the next one is made", async () => {
  let made = 0;
  function* source(): Generator<number> {
    while (made < 3) yield ++made;
  }
  const seen: number[][] = [[], []];
  await Promise.all(
    tee(source(), 2).map(async (branch, i) => {
      for await (const piece of branch) {
        expect(made).toBe(piece);
        await new Promise((resolve) => setTimeout(resolve, 5 * (i + 1)));
        expect(made).toBe(piece);
        seen[i]?.push(piece);
      }
    }),
  );
  expect(seen).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test("if a form fails, the other form still ends before the error reaches the caller", async () => {
  const full = () => {
    throw new Error("the disk is full");
  };
  let packed = 0;
  const count = (piece: Buffer) => (packed += piece.length);
  const layers = digestForms("files", content(3_000_000), FORMS, { onChunk: () => {}, onPacked: [full, count] });
  await expect(layers).rejects.toThrow("the disk is full");
  const before = packed;
  const { size } = await digestLayer("files", content(3_000_000), FORMS[1] as Compression);
  expect([before, packed]).toEqual([size, size]);
});

test("readers that stop leave the stream to the others, and the last one closes it", async () => {
  let isClosed = false;
  function* source(): Generator<number> {
    try {
      for (let made = 1; ; made++) yield made;
    } finally {
      isClosed = true;
    }
  }
  const [first, second, third] = tee(source(), 3) as [Branch, Branch, Branch];
  await third.return();
  const read = async (branch: Branch, count: number): Promise<number[]> => {
    const seen: number[] = [];
    for await (const piece of branch) if (seen.push(piece) === count) break;
    return seen;
  };
  const [short, long] = [read(first, 1), read(second, 3)];
  expect(await short).toEqual([1]);
  expect(isClosed).toBe(false);
  expect(await long).toEqual([1, 2, 3]);
  expect(isClosed).toBe(true);
  expect(await second.next()).toEqual({ done: true, value: undefined });
});
