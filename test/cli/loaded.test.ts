/** The modules that the shipped program loads: each takes time before the first line of a command. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { IMGC } from "../e2e/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-loaded-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SPEC = join(folder, "a.imgspec");
writeFileSync(SPEC, 'image "shop/api" {\n  packages [ hello ]\n  tag "1"\n}\n');
const HOOK = join(folder, "hook.cjs");
writeFileSync(
  HOOK,
  `const { Module } = require("node:module");
const load = Module._load;
const vm = require("node:vm");
const loaded = new Set();
// Bundles are scripts, which the program compiles itself.
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    loaded.add(options.filename);
  }
};
Module._load = function (name) { loaded.add(name); return load.apply(this, arguments); };
process.on("exit", () => require("node:fs").writeFileSync(process.env.LOADED, JSON.stringify([...loaded])));
`,
);

/** The bundles, and the modules of Node.js, that a command loads. */
function loadedBy(...args: string[]): { bundles: string[]; builtins: string[] } {
  const file = join(folder, "loaded.json");
  const { status, stderr } = spawnSync(process.execPath, ["--require", HOOK, IMGC, ...args], {
    env: { ...process.env, LOADED: file },
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const loaded = JSON.parse(readFileSync(file, "utf8")) as string[];
  return {
    bundles: loaded.filter((name) => name.endsWith(".cjs")).map((name) => basename(name)),
    builtins: loaded.filter((name) => name.startsWith("node:")),
  };
}

test("check loads its own bundle, but neither zod nor the code of other commands", () => {
  const { bundles, builtins } = loadedBy("check", SPEC);
  expect(bundles.toSorted()).toEqual(["check.cjs", "imgc.cjs", "shared.cjs", "start.cjs"]);
  for (const name of ["node:child_process", "node:crypto", "node:http", "node:net", "node:worker_threads"])
    expect(builtins).not.toContain(name);
});

test("commands that use schemas load zod", () => {
  expect(loadedBy("compile", SPEC).bundles.toSorted()).toEqual([
    "compile.cjs",
    "imgc.cjs",
    "shared.cjs",
    "start.cjs",
    "zod.cjs",
  ]);
});

test("zod is loaded without the parts that only the JSON schema needs", () => {
  expect(loadedBy("schema").bundles.toSorted()).toEqual(["imgc.cjs", "schema.cjs", "shared.cjs", "start.cjs"]);
  expect(statSync(join(dirname(IMGC), "../dist/zod.cjs")).size).toBeLessThan(60_000);
});
