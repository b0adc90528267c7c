import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { chunkedAnnotations, parseChunkedAnnotations, TOC_POSITION } from "../../src/layer/chunked/annotations.ts";
import type { Toc, TocEntry } from "../../src/layer/chunked/toc.ts";
import { ChunkedWriter } from "../../src/layer/chunked/writer.ts";
import { layerChunks } from "../../src/layer/stream.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { exportFiles, writeFolder } from "../../src/publish/export.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { viewOf } from "../../src/serve/view.ts";
import { ownFolder } from "../../src/util/temporary.ts";
import { chunkedCheck } from "../../src/verify/chunked.ts";
import { Findings } from "../../src/verify/findings.ts";
import { verify } from "../../src/verify/verify.ts";
import { makeImage } from "../serve/image.ts";

const noise = Buffer.concat(Array.from({ length: 20_000 }, (_, i) => createHash("sha256").update(`${i}`).digest()));
const owner = { uid: 0, gid: 0 };
const entries = [
  { kind: "directory", path: "/a", mode: 0o755, ...owner },
  { kind: "text", path: "/a/large", text: noise.toString("hex"), mode: 0o644, ...owner },
  { kind: "text", path: "/a/small", text: "small", mode: 0o644, ...owner },
] as const;

interface Tables {
  toc: Toc;
  tarSplit: string;
}

/** The findings in a layer whose tables are changed. */
function findings(change: (tables: Tables) => void): string[] {
  const tar = Buffer.concat(
    Array.from(layerChunks({ paths: [], entries: [...entries], permissions: [] }), (chunk) => Buffer.from(chunk)),
  );
  const frames: Buffer[] = [];
  const writer = new ChunkedWriter(3, (frame) => frames.push(Buffer.from(frame)));
  writer.push(tar);
  const made = writer.end();
  const tables: Tables = { toc: structuredClone(made.toc), tarSplit: made.tarSplit.toString() };
  change(tables);
  let blob = Buffer.concat(frames);
  const add = (plain: Buffer) => {
    const packed = zstdCompressSync(plain);
    const part = { offset: blob.length, length: packed.length, plainLength: plain.length };
    blob = Buffer.concat([blob, packed]);
    return { part, digest: sha256(packed) };
  };
  const tarSplit = add(Buffer.from(tables.tarSplit));
  const toc = add(Buffer.from(JSON.stringify({ ...tables.toc, tarSplitDigest: tarSplit.digest })));
  const annotations = chunkedAnnotations({ tocDigest: toc.digest, toc: toc.part, tarSplit: tarSplit.part });
  const found = new Findings();
  const check = chunkedCheck(found, "layer 1", annotations, (offset, length) => blob.subarray(offset, offset + length));
  check?.push(tar);
  check?.end();
  return found.sentences;
}

const entry = ({ toc }: Tables, i: number) => toc.entries[i] as TocEntry;

test("the tables must belong to the tar stream", () => {
  expect(findings(() => {})).toEqual([]);
  expect(findings((tables) => (entry(tables, 0).mode = 0o777))).toEqual([
    expect.stringMatching(/^layer 1: the table of contents says .*"name":"a".*"mode":511/),
  ]);
  expect(findings(({ toc }) => toc.entries.pop())).toEqual([
    "layer 1, entries in the table of contents: claimed 2, computed 3",
  ]);
  expect(findings((tables) => (tables.tarSplit = tables.tarSplit.replace('"size":5', '"size":6')))).toEqual([
    "layer 1: the tar-split differs from the tar stream",
  ]);
});

test("each chunk must be in its own frame, without gaps", () => {
  expect(findings(({ toc }) => expect(toc.entries.length).toBeGreaterThan(5))).toEqual([]);
  expect(findings((tables) => (entry(tables, 2).offset = entry(tables, 3).offset))).not.toEqual([]);
  expect(findings((tables) => (entry(tables, 2).chunkDigest = sha256("other")))).toEqual([
    expect.stringMatching(/^layer 1: a chunk of a\/large has the digest sha256:.*, not sha256:/),
  ]);
  expect(findings((tables) => (entry(tables, 2).chunkOffset = 1))).toEqual([
    expect.stringMatching(/^layer 1: the chunks of a\/large have a gap or an overlap at byte \d+$/),
  ]);
  expect(findings((tables) => (entry(tables, 2).offset = 1))).toEqual([
    expect.stringContaining("layer 1: the table of contents or the tar-split cannot be read: "),
  ]);
});

test("layouts and image directories with zstd:chunked layers are verified", async () => {
  const root = ownFolder("imgc-test-");
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  await using pool = new LayerPool();
  const layout = async (id: string, alter?: (annotations: Record<string, string>) => Record<string, string>) => {
    const path = await makeImage(root, id, {
      chunked: true,
      layers: { [`${id}-lib`]: noise },
      ...(alter && { alter: (layer) => ({ ...layer, annotations: alter(layer.annotations ?? {}) }) }),
    });
    const image = { ...readImageDirectory(path), root };
    const out = join(root, `layout-${id}`);
    await writeFolder(
      exportFiles([{ image, view: viewOf(image) }], "oci", { pool, onLayer: () => {} }),
      out,
      new AbortController().signal,
    );
    return [...(await verify(path)).findings, ...(await verify(out)).findings];
  };
  expect(await layout("a0")).toEqual([]);
  const moved = await layout("a1", (annotations) => {
    const { toc } = parseChunkedAnnotations(annotations) ?? expect.fail("no annotations");
    return { ...annotations, [TOC_POSITION]: `${toc.offset + 1}:${toc.length}:${toc.plainLength}:1` };
  });
  expect(moved).toEqual([
    expect.stringContaining("layer 1 (a1-lib), annotations: claimed"),
    expect.stringContaining("layer 1 (a1-lib): the table of contents or the tar-split cannot be read"),
  ]);
});
