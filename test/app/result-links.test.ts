import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { earlierLinks } from "../../src/app/result-links.ts";
import { folder } from "../e2e/tools.ts";

test("links of an earlier build are those to a store that this build did not replace", () => {
  const at = folder();
  const store = `/nix/store/${"a".repeat(32)}-image`;
  for (const name of ["result", "result-1", "result-2", "result-01", "other-3"]) symlinkSync(store, join(at, name));
  symlinkSync("/tmp", join(at, "result-4"));
  writeFileSync(join(at, "result-5"), "");
  expect(earlierLinks(join(at, "result"), 1)).toEqual([join(at, "result-1"), join(at, "result-2")]);
  expect(earlierLinks(join(at, "result"), 2)).toEqual([join(at, "result-2")]);
  expect(earlierLinks(join(at, "result"), 3)).toEqual([]);
});
