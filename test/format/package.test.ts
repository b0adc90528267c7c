import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, tool } from "../e2e/tools.ts";

const root = join(import.meta.dirname, "../..");

test("the packed package gives the plugin to stock prettier", async () => {
  const project = folder();
  const packed = await tool("npm", ["pack", root, "--ignore-scripts", "--json", "--pack-destination", project]);
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  writeFileSync(join(project, "package.json"), "{}");
  const quiet = ["--prefix", project, "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await tool("npm", ["install", ...quiet, join(project, filename)]);
  symlinkSync(join(root, "node_modules/prettier"), join(project, "node_modules/prettier"));

  mkdirSync(join(project, "specs"));
  const spec = join(project, "specs/a.imgspec");
  writeFileSync(spec, 'image "a" {\n tag    "v1" # first\n}\n');
  const prettier = join(project, "node_modules/prettier/bin/prettier.cjs");
  // A folder is searched by the extensions that the plugin says are its own.
  await tool("bash", ["-c", `cd ${project} && ${process.execPath} ${prettier} --write --plugin imgc/prettier specs`]);
  expect(readFileSync(spec, "utf8")).toBe('image "a" {\n  tag "v1"  # first\n}\n');
});
