import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { build, EXAMPLES, failure, files, folder, imgc, tool, verified } from "./tools.ts";

const NIXPKGS = join(import.meta.dirname, "../nixpkgs");

test("a flake builds the digest that the plain expression builds, purely", async () => {
  const spec = join(EXAMPLES, "flask.imgspec");
  const flake = join(folder(), "flake");
  await imgc("compile", spec, "--nixpkgs", NIXPKGS, "--flake", flake);
  const result = join(folder(), "result");
  await tool("nix", ["build", `path:${flake}`, "-o", result]);
  expect((await verified(result)).digests).toEqual((await verified((await build(spec)).path)).digests);

  // It may be written again, since it is ours; a folder with something else in it is left alone.
  await imgc("compile", spec, "--flake", flake);
  const other = join(files({ "mine.txt": "" }), "..");
  expect(await failure(imgc("compile", spec, "--flake", other))).toMatchObject({ code: 2 });
  expect(existsSync(join(other, "flake.nix"))).toBe(false);
});

test("several images are packages of their own, and parameters stay arguments", async () => {
  const text =
    'param release = "1"\nimage "base" { packages [ hello ] }\nimage "api" { base image "base" tag "v${$release}" }\n';
  const flake = join(folder(), "flake");
  await imgc("compile", files({ "two.imgspec": text }), "--nixpkgs", NIXPKGS, "--flake", flake);
  const expression = `
    let
      flake = builtins.getFlake "path:${flake}";
      system = builtins.currentSystem;
      api = release: (flake.lib.image system { inherit release; }).api.drvPath;
    in
    { names = builtins.attrNames (builtins.getAttr system flake.packages); changed = api "1" != api "2"; }`;
  await tool("nix", ["flake", "lock", `path:${flake}`]);
  const { stdout } = await tool("nix", ["eval", "--json", "--impure", "--expr", expression]);
  expect(JSON.parse(stdout)).toEqual({ names: ["api", "base", "default"], changed: true });
});
