/** The code cache of the shipped program: a run makes it, later runs use it, and no run depends on it. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

test("links, pipes and files that others can write are refused and replaced, and old caches are removed", () => {
  const NODE_COMPILE_CACHE = join(folder, "links");
  const first = run(["check", SPEC], { NODE_COMPILE_CACHE });
  const [check = "", imgc = "", shared = ""] = cachesIn(NODE_COMPILE_CACHE);
  chmodSync(check, 0o666);
  renameSync(imgc, `${folder}/elsewhere`);
  symlinkSync(`${folder}/elsewhere`, imgc);
  rmSync(shared);
  execFileSync("mkfifo", [shared]);
  const old = join(dirname(check), "imgc-older-check-check.cjs");
  writeFileSync(old, "");
  utimesSync(old, 0, 0);
  expect(run(["check", SPEC], { NODE_COMPILE_CACHE })).toEqual(first);
  expect(cachesIn(NODE_COMPILE_CACHE)).toEqual([check, imgc, shared]);
  for (const file of [check, imgc, shared]) expect(lstatSync(file).mode).toBe(0o100600);
});

test("by default, caches are in a private folder of the user, not in the temporary folder", () => {
  const [home, TMPDIR] = [join(folder, "home"), join(folder, "tmp")];
  for (const each of [home, TMPDIR]) mkdirSync(each);
  const env = { HOME: home, TMPDIR, XDG_CACHE_HOME: "" };
  const first = run(["check", SPEC], env);
  expect(cachesIn(join(home, ".cache/imgc/code"))).toHaveLength(3);
  for (const each of [".cache", ".cache/imgc", ".cache/imgc/code"])
    expect(statSync(join(home, each)).mode).toBe(0o40700);
  const other = join(folder, "xdg");
  expect(run(["check", SPEC], { ...env, XDG_CACHE_HOME: other })).toEqual(first);
  expect(cachesIn(join(other, "imgc/code"))).toHaveLength(3);
  expect(run(["check", SPEC], { ...env, HOME: "/proc/nowhere" })).toEqual(first);
  expect(readdirSync(TMPDIR)).toEqual([]);
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
