import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROGRAMS = join(import.meta.dirname, "../../dist/builders");
const ACTIONS = join(import.meta.dirname, "../../src/builder/actions");

test("each file of actions has a program", () => {
  const programs = readdirSync(ACTIONS).map((name) => name.replace(/\.ts$/, ".cjs"));
  expect(readdirSync(PROGRAMS)).toEqual(expect.arrayContaining(programs));
});

test("programs load modules for hashing and compression at first use", () => {
  for (const action of ["content", "plan", "layer", "layers", "image"]) {
    const script = `process.argv[2] = "none";
      process.stderr.write = () => true;
      require(${JSON.stringify(join(PROGRAMS, `${action}.cjs`))});
      const loaded = process.moduleLoadList;
      process.stdout.write(JSON.stringify(loaded), () => process.exit(0));`;
    const loaded = JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })) as string[];
    expect(loaded).not.toContain("NativeModule crypto");
    expect(loaded).not.toContain("NativeModule zlib");
  }
});

test("the programs of layers contain no schemas", () => {
  for (const action of ["layer", "layers"])
    expect(readFileSync(join(PROGRAMS, `${action}.cjs`), "utf8").includes("_zod")).toBe(false);
});
