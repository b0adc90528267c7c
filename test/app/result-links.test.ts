import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { earlierLinks, ResultLinks } from "../../src/app/result-links.ts";
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

test("the outputs of the last build are those in the store of this build", () => {
  const at = folder();
  const root = join(at, "root");
  const outputs = ["a", "b"].map((hash) => `/nix/store/${hash.repeat(32)}-image`);
  const links = new ResultLinks(join(at, "result"), root);
  expect(links.earlier(2)).toEqual([]);
  links.finish(outputs);
  expect(links.earlier(2)).toEqual(outputs);
  expect(links.earlier(1)).toEqual(outputs.slice(0, 1));
  expect(new ResultLinks(join(at, "result"), "").earlier(2)).toEqual([]);
  expect(new ResultLinks(null, root).earlier(2)).toEqual([]);
});
