/** The files of a base made elsewhere: how they are listed, and copies of their bytes. */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { contentsPath, writeContents } from "../../../src/builder/base/contents.ts";
import { baseFiles, otherFiles, watchLayer } from "../../../src/builder/base/files.ts";
import { FileTree } from "../../../src/image/file-tree.ts";
import { digestBlob } from "../../../src/layer/blob.ts";
import type { Layer, RootEntry } from "../../../src/layer/recipe.ts";

const BIG = Buffer.alloc(3 << 20, "0123456789\n");

test("each file is listed with the layer and offset of its bytes, and only requested files are written", async () => {
  const folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tree = new FileTree();
  const layer = async (i: number, files: Record<string, string | Buffer>, links: [string, string][]) => {
    const at = join(folder, `layer-${i}`);
    mkdirSync(join(at, "srv"), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(at, name), bytes);
    for (const [to, name] of links) linkSync(join(at, to), join(at, name));
    const options = ["--sort=name", "--owner=3", "--group=4", "--mode=u=rw,go=r,a+X", "-cf", "-"];
    const file = join(folder, `layer-${i}.tar.gz`);
    writeFileSync(file, gzipSync(execFileSync("tar", ["-C", at, ...options, "."], { maxBuffer: 1 << 28 })));
    const watch = watchLayer(tree, i);
    const blob = { file, offset: 0, size: statSync(file).size };
    const content = { paths: [], entries: [], permissions: [], blob };
    const onChunk = (chunk: Buffer) => watch.push(chunk);
    return digestBlob(`layer ${i}`, content, { algorithm: "gzip", level: null }, { onChunk });
  };
  const first = { "srv/a": "below", "srv/big": BIG, "srv/empty": "", "srv/gone": "x" };
  const layers: Layer[] = [
    await layer(0, first, [["srv/big", "srv/same"]]),
    await layer(1, { "srv/a": "above", "srv/.wh.gone": "" }, []),
  ];

  const files = otherFiles(tree, baseFiles(tree));
  expect(files.map(({ path }) => path)).toEqual(["/srv/a", "/srv/big", "/srv/empty", "/srv/same"]);
  expect(files.map((file) => (file.kind === "file" ? [file.layer, file.size] : []))).toEqual([
    [1, 5],
    [0, BIG.length],
    [0, 0],
    [0, BIG.length],
  ]);
  expect(files[0]).toMatchObject({ kind: "file", mode: 0o644, uid: 3, gid: 4 });

  const into = join(folder, "contents");
  const paths = files.map((file) => (file.kind === "file" ? contentsPath(into, file) : ""));
  const copies = paths.map((source, i): RootEntry => {
    return { kind: "copy", path: files[i]?.path as string, source, mode: 0o600, uid: 0, gid: 0 };
  });
  await writeContents(into, copies, layers);
  expect(paths.map((path) => readFileSync(path).equals(BIG) || readFileSync(path, "utf8"))).toEqual([
    "above",
    true,
    "",
    true,
  ]);
  // Hard links share a file.
  expect(readdirSync(into)).toHaveLength(3);

  const [a] = copies;
  await writeContents(join(folder, "few"), [{ ...(a as RootEntry & { kind: "copy" }), source: "/other" }], layers);
  expect(readdirSync(join(folder, "few"))).toEqual([]);
  const lost = { ...(a as RootEntry & { kind: "copy" }), source: `${folder}/lost/1-7` };
  await expect(writeContents(join(folder, "lost"), [lost], layers)).rejects.toThrow("layer 1 has no file at offset 7");
});
