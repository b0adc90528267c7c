import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { compileFlake } from "../../src/compile/index.ts";
import { check } from "../../src/language/index.ts";

const host = { exists: () => true, read: () => undefined };

function flakeOf(cache: string): string {
  const { spec } = check({ path: "/spec/a.imgspec", text: `image "test/a" { ${cache} }` }, host);
  if (spec === undefined) throw new Error("the description has mistakes");
  const options = { functions: "/nix-functions", directory: "/spec", lock: { nixpkgs: {}, bases: {}, layers: {} } };
  return compileFlake(spec, options as unknown as Parameters<typeof compileFlake>[1]).files.get("flake.nix") ?? "";
}

test("a flake carries the caches of its description as nixConfig", () => {
  const text = flakeOf('cache { binary-cache "./cache" push "s3://bucket?region=x" }');
  expect(text).toContain('nixConfig.extra-substituters = [ "file:///spec/cache?trusted=1" "s3://bucket?region=x" ];');
  execFileSync("nix-instantiate", ["--parse", "-"], { input: text, stdio: ["pipe", "ignore", "pipe"] });
  expect(flakeOf("")).not.toContain("nixConfig");
});
