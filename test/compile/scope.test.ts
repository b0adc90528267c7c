import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { check } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";

test("an image with the name of a package does not shadow the package in Nix code", () => {
  const text = `image "tools/bash" { } image "images" { base image "tools/bash" store [ nix ''bash'' ] }`;
  const { spec } = check({ path: "/spec/a.imgspec", text }, { exists: () => true, read: () => undefined });
  if (spec === undefined) throw new Error("the description has mistakes");
  const code = compile(spec, { functions: "/nix", directory: "/spec", lock: EMPTY_LOCK });
  expect(code).toMatch(/^let\n {2}images = \{\n {4}bash = /m);
  expect(code).toContain("base = images.bash;");
  expect(code).not.toMatch(/^ {2}bash =/m);
});
