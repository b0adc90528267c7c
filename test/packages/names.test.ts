import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFile, readIndex, writeIndex } from "../../src/packages/cache.ts";
import { identityOf } from "../../src/packages/identity.ts";
import { askNames, renewNames, type PackageName } from "../../src/packages/names.ts";
import { Packages } from "../../src/packages/packages.ts";
import { ToolError } from "../../src/util/run-tool.ts";
import { folder } from "../e2e/tools.ts";
import { setEnvironment } from "../fake-tool.ts";
import { fakeNix } from "./fake-nix.ts";

const question = { program: "package-names.nix", expression: "import ./set.nix", inside: [] };
const named = (name: string): PackageName => ({ name, kind: "package", version: "1", description: "" });

test("lists names in the order of Nix; a name that ends the evaluation costs one more", async () => {
  const evaluations = fakeNix("a", "bad-one", "b", "bad-two", "bad-three", "c");
  const seen: number[] = [];
  const names = await askNames(question, [], (progress) => seen.push(progress.names.length));
  expect(names.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "a package",
    "bad-one other",
    "b package",
    "bad-two other",
    "bad-three other",
    "c package",
  ]);
  expect(evaluations()).toBe(4);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
});

test("continues an unfinished list", async () => {
  fakeNix("a", "b", "c");
  const names = await askNames(question, [named("a"), named("b")]);
  expect(names.map(({ name }) => name)).toEqual(["a", "b", "c"]);
});

test("a set that cannot be evaluated at all is a failure", async () => {
  const evaluations = fakeNix();
  await expect(askNames(question)).rejects.toThrow(ToolError);
  expect(evaluations()).toBe(1);
});

test("renewing asks for new names only, and drops those that are gone", async () => {
  const evaluations = fakeNix("a", "new", "c");
  const names = await renewNames(question, [named("a"), named("b"), { ...named("c"), version: "kept" }]);
  expect(names?.map(({ name, version }) => `${name} ${version}`)).toEqual(["a 1", "new 1", "c kept"]);
  expect(evaluations()).toBe(2);
});

test("renewing gives up if many names are new, and marks a new name that ends the evaluation", async () => {
  fakeNix(...Array.from({ length: 200 }, (_, i) => `p${i}`));
  expect(await renewNames(question, [named("p0")])).toBeUndefined();
  fakeNix("a", "bad");
  expect(await renewNames(question, [named("a")])).toMatchObject([{ name: "a" }, { name: "bad", other: "failure" }]);
});

test("an index is kept by set, and one that cannot be read counts as missing", () => {
  setEnvironment({ XDG_CACHE_HOME: folder() });
  const file = cacheFile("key", ["python3Packages", "a.b/c"]);
  expect(file).toMatch(/\/imgc\/packages\/key\/python3Packages\.a%2Eb%2Fc\.json$/);
  expect(cacheFile("key", [])).toMatch(/\/key\/all\.json$/);
  expect(readIndex(file)).toBeUndefined();
  writeIndex(file, { total: 2, names: [named("a")] });
  expect(readIndex(file)).toMatchObject({ total: 2, names: [named("a")] });
  writeFileSync(file, '{"version":1}');
  expect(readIndex(file)).toBeUndefined();
});

test("a set that is pinned is listed once; a folder may have changed", async () => {
  setEnvironment({ XDG_CACHE_HOME: folder() });
  const evaluations = fakeNix("a", "b");
  const pinned = 'import (fetchTarball { url = "x"; sha256 = "y"; })';
  const names = async (expression: string) => [...(await new Packages("p.nix", expression).names([])).keys()];
  expect(await names(pinned)).toEqual(["a", "b"]);
  expect(await names(pinned)).toEqual(["a", "b"]);
  expect(evaluations()).toBe(1);
  expect((await identityOf(pinned)).isFixed).toBe(true);

  const set = folder();
  const expression = `import ${set}`;
  const { key, isFixed } = await identityOf(expression);
  expect(isFixed).toBe(false);
  writeFileSync(join(set, "default.nix"), "{ }");
  expect((await identityOf(expression)).key).not.toBe(key);

  // An editor uses the cached index until it doubts it.
  await names(expression);
  const before = evaluations();
  const packages = new Packages("p.nix", expression);
  await packages.names([]);
  expect(evaluations()).toBe(before);
  expect(packages.known([])?.has("a")).toBe(true);
  expect(packages.renew()).toBe(true);
  await packages.names([]);
  expect(evaluations()).toBe(before + 1);
  expect(packages.renew()).toBe(false);
});
