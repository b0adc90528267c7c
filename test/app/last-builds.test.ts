import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastBuilds } from "../../src/app/last-builds.ts";
import { folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";

test("the last builds are those of the links beside the file; other links tell nothing", async () => {
  const [root, beside] = [folder(), folder()];
  const file = join(beside, "a.imgspec");
  expect(lastBuilds(file)).toEqual(new Map());
  symlinkSync(await makeImage(root, "one", { name: "one", layers: { a: "aaa", b: "bbb" } }), join(beside, "result"));
  symlinkSync(await makeImage(root, "two", { name: "two", layers: { c: "ccc" } }), join(beside, "result-1"));
  symlinkSync("/nowhere", join(beside, "result-2"));
  writeFileSync(join(beside, "result-3"), "");
  const found = lastBuilds(file);
  expect([...found].map(([name, { layers }]) => [name, layers])).toEqual([
    ["one", 2],
    ["two", 1],
  ]);
  const { size = 0, expected = 0 } = found.get("one") ?? {};
  expect(size).toBeGreaterThan(0);
  expect(expected).toBeGreaterThan(0);
  expect(lastBuilds(join(root, "missing/a.imgspec"))).toEqual(new Map());
});
