/** The code cache of the shipped program: a run makes it, later runs use it, and no run depends on it. */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { IMGC } from "../e2e/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-start-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SPEC = join(folder, "a.imgspec");
writeFileSync(SPEC, 'image "shop/api" {\n  tga "1"\n}\n');

function run(args: string[], env: Record<string, string>): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [IMGC, ...args], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** The caches of bundles in a folder, without those that Node.js makes. */
const cachesIn = (cache: string): string[] => globSync(join(cache, "*/imgc*")).toSorted();

test("a command writes the cache of its bundles, and runs the same with it, and with a broken one", () => {
  const NODE_COMPILE_CACHE = join(folder, "cache");
  const first = run(["check", SPEC], { NODE_COMPILE_CACHE });
  expect(first.stdout).toContain("`tga` is not a setting");
  const caches = cachesIn(NODE_COMPILE_CACHE);
  expect(caches.map((file) => file.replace(/.*-check-/, ""))).toEqual(["check.cjs", "imgc.cjs", "shared.cjs"]);
  const made = caches.map((file) => readFileSync(file));
  expect(run(["check", SPEC], { NODE_COMPILE_CACHE })).toEqual(first);
  expect(caches.map((file) => readFileSync(file))).toEqual(made);

  const [check = "", imgc = "", shared = ""] = caches;
  writeFileSync(check, "the cache of another build".repeat(100));
  writeFileSync(imgc, readFileSync(imgc).subarray(0, 1000));
  writeFileSync(shared, "");
  expect(run(["check", SPEC], { NODE_COMPILE_CACHE })).toEqual(first);
  expect(cachesIn(NODE_COMPILE_CACHE)).toEqual(caches);
  for (const file of caches) expect(readFileSync(file).length).toBeGreaterThan(1000);
  for (const file of caches) {
    const bytes = readFileSync(file);
    for (let i = 500; i < bytes.length; i += 97) bytes[i] = 0xff ^ (bytes[i] ?? 0);
    writeFileSync(file, bytes);
  }
  expect(run(["check", SPEC], { NODE_COMPILE_CACHE })).toEqual(first);
});

test("a cache of another user is refused and replaced", () => {
  const NODE_COMPILE_CACHE = join(folder, "shared");
  const first = run(["check", SPEC], { NODE_COMPILE_CACHE });
  const caches = cachesIn(NODE_COMPILE_CACHE);
  expect(caches).toHaveLength(3);
  for (const file of caches) utimesSync(file, 0, 0);
  const unchanged = () => caches.filter((file) => statSync(file).mtimeMs === 0);
  expect(run(["check", SPEC], { NODE_COMPILE_CACHE })).toEqual(first);
  expect(unchanged()).toEqual(caches);
  const user = join(folder, "other-user.cjs");
  writeFileSync(user, "const id = process.getuid(); process.getuid = () => id + 1;");
  expect(run(["check", SPEC], { NODE_COMPILE_CACHE, NODE_OPTIONS: `--require ${user}` })).toEqual(first);
  expect(unchanged()).toEqual([]);
});

test("wrong usage writes no cache", () => {
  const NODE_COMPILE_CACHE = join(folder, "usage");
  expect(run(["chekc"], { NODE_COMPILE_CACHE }).status).toBe(2);
  expect(cachesIn(NODE_COMPILE_CACHE)).toEqual([]);
});

test("the program starts without a folder for caches", () => {
  const plain = run(["check", SPEC], { NODE_DISABLE_COMPILE_CACHE: "1" });
  expect(plain.stdout).toContain("`tga` is not a setting");
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(run(["check", SPEC], { NODE_COMPILE_CACHE: join(file, "cache") })).toEqual(plain);
});
