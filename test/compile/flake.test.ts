import { expect, test } from "vitest";
import { compileFlake, type FlakeCaches } from "../../src/compile/index.ts";
import { check } from "../../src/language/index.ts";

const host = { exists: () => true, read: () => undefined };

function flakeOf(caches: FlakeCaches) {
  const { spec } = check({ path: "/spec/a.imgspec", text: `image "test/a" { }` }, host);
  if (spec === undefined) throw new Error("the description has mistakes");
  const options = { functions: "/nix-functions", directory: "/spec", lock: { nixpkgs: {}, bases: {}, layers: {} } };
  return compileFlake(spec, options as unknown as Parameters<typeof compileFlake>[1], caches).files;
}

test("substituters and the post-build hook become nixConfig of a flake", () => {
  const files = flakeOf({ substituters: ["file:///spec/cache", "s3://bucket?region=${x}"], hook: "#!/bin/sh\n" });
  const text = files.get("flake.nix") ?? "";
  expect(text).toContain('nixConfig.extra-substituters = [ "file:///spec/cache" "s3://bucket?region=\\${x}" ];');
  expect(text).toContain("nixConfig.post-build-hook = ./imgc/copy-results;");
  expect(files.get("imgc/copy-results")).toBe("#!/bin/sh\n");
  expect(flakeOf({ substituters: [], hook: undefined }).get("flake.nix")).not.toContain("nixConfig");
});
