import { availableParallelism, tmpdir } from "node:os";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { allowedThreads, HelperThreads, sharedList, taken } from "../../src/builder/threads.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-threads-"));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts helpers of a program with this text, after `wait` milliseconds of work; returns the number of helpers that ran. */
async function helpers(text: string, { wait = 80, left = 5 } = {}): Promise<number> {
  const program = join(folder, "program.cjs");
  writeFileSync(program, text);
  const list = sharedList(1);
  const before = process.argv[1] as string;
  process.argv[1] = program;
  try {
    const threads = new HelperThreads("count", list, () => left);
    await sleep(wait);
    threads.startIfLong();
    threads.startIfLong();
    await threads.finish();
  } finally {
    process.argv[1] = before;
  }
  return Number(list.counts[0]);
}

type Names = [top: string, out: string, blobs: string];

const COUNT = 'if (process.argv[2] === "count") Atomics.add(require("node:worker_threads").workerData.counts, 0, 1n);';

test("threads take each item once", () => {
  const list = sharedList(0);
  const [first, second] = [taken(list, 4), taken(list, 4)];
  const got = [first.next(), second.next(), first.next(), first.next(), second.next(), first.next()];
  expect(got.map(({ value }) => value as unknown)).toEqual([0, 1, 2, 3, undefined, undefined]);
});

test("helpers use the cores that Nix gives, start after a while, and not without items", async () => {
  const cores = availableParallelism();
  vi.stubEnv("NIX_BUILD_CORES", "2");
  expect(await helpers(COUNT)).toBe(Math.min(2, cores) - 1);
  expect(await helpers(COUNT, { wait: 0 })).toBe(0);
  expect(await helpers(COUNT, { left: 0 })).toBe(0);
  vi.stubEnv("NIX_BUILD_CORES", "1");
  expect(await helpers(COUNT)).toBe(0);
  vi.stubEnv("NIX_BUILD_CORES", "0");
  expect(allowedThreads()).toBe(Math.min(cores, 4));
});

test("an error of a helper is an error of the builder", async () => {
  vi.stubEnv("NIX_BUILD_CORES", "2");
  const failing = helpers('throw new Error("cannot hash")');
  if (availableParallelism() > 1) await expect(failing).rejects.toThrow("cannot hash");
  else expect(await failing).toBe(0);
});

test("an error of the main thread stops the helpers", async () => {
  vi.stubEnv("NIX_BUILD_CORES", "2");
  const program = join(folder, "endless.cjs");
  writeFileSync(
    program,
    'const { workerData } = require("node:worker_threads"); for (;;) Atomics.add(workerData.counts, 0, 1n);',
  );
  const [before, list] = [process.argv[1] as string, sharedList(1)];
  process.argv[1] = program;
  const failing = async () => {
    await using threads = new HelperThreads("count", list, () => 5);
    await sleep(80);
    threads.startIfLong();
    while (availableParallelism() > 1 && Atomics.load(list.counts, 0) === 0n) await sleep(10);
    throw new Error("cannot read");
  };
  await expect(failing()).rejects.toThrow("cannot read");
  process.argv[1] = before;
  const count = Atomics.load(list.counts, 0);
  await sleep(20);
  // The exit code of the builder is 1 if a helper was stopped.
  process.exitCode = undefined;
  expect(Atomics.load(list.counts, 0)).toBe(count);
});

test("the recipes of a batch do not depend on the number of threads", () => {
  const recipes = ["1", "2"].map((cores) => {
    const [top, out, blobs] = ["top", "out", "blobs"].map((name) => join(folder, `${name}-${cores}`)) as Names;
    mkdirSync(top);
    const layers = Array.from({ length: 4 }, (_, i) => ({ label: `layer ${i}`, paths: [join(folder, `file-${i}`)] }));
    for (const [
      i,
      {
        paths: [path = ""],
      },
    ] of layers.entries())
      writeFileSync(path, createHash("shake256", { outputLength: 1e6 }).update(String(i)).digest());
    const forms = [{ algorithm: "zstd", level: 12 }];
    const outputs = { out, digests: `${out}-digests`, blobs };
    writeFileSync(join(top, ".attrs.json"), JSON.stringify({ layers, permissions: [], forms, outputs }));
    const program = join(import.meta.dirname, "../../dist/builders/layers.cjs");
    const env = { ...process.env, NIX_BUILD_TOP: top, NIX_BUILD_CORES: cores, NIX_STORE: folder };
    execFileSync(process.execPath, [program, "layers"], { env, stdio: ["ignore", "ignore", "pipe"] });
    const names = readdirSync(join(out, "layers"));
    expect(names).toHaveLength(layers.length);
    const made = names.map(
      (name) => JSON.parse(readFileSync(join(out, "layers", name), "utf8")) as { digest: string; blobFile: string },
    );
    for (const { digest, blobFile } of made)
      expect(`sha256:${createHash("sha256").update(readFileSync(blobFile)).digest("hex")}`).toBe(digest);
    return made.map((recipe) => ({ ...recipe, blobFile: undefined }));
  });
  expect(recipes[1]).toEqual(recipes[0]);
});
