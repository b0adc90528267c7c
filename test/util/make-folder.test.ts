import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/util/make-folder.ts";
import { folder } from "../e2e/tools.ts";

test("a folder is made with its parents; an existing folder is no error", () => {
  const path = join(folder(), "a/b/c");
  makeFolder(path);
  makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a folder that cannot be made is an error, and does not hang", () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  expect(() => makeFolder(file)).toThrow("EEXIST");
  expect(() => makeFolder(join(file, "a"))).toThrow("EEXIST");
  expect(() => makeFolder("/proc/imgc/store")).toThrow("ENOENT");
});
