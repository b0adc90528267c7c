import { expect, test } from "vitest";
import type { PageData } from "../../src/plan-page/data.ts";
import { Closure } from "../../src/plan-page/graph.ts";
import { fileCount, find, similarNames } from "../../src/plan-page/search.ts";

const path = (name: string, size: number, references: number[] = [], files: [string, number][] = []) => ({
  name,
  path: `/nix/store/${"0".repeat(32)}-${name}`,
  size,
  layer: 0,
  references,
  files,
  isNew: null,
});

/** `app` refers to `lib` and `shell`, `shell` to `lib`; `other` has no users or references. */
const data: PageData = {
  title: "test",
  layers: [],
  paths: [
    path(
      "app-1.0",
      10,
      [1, 2],
      [
        ["bin/app", 5],
        ["share/app/LICENSE", 1],
      ],
    ),
    path("lib-2", 100, [], [["lib/libapp.so", 90]]),
    path("shell", 1000, [1], [["bin/sh", 1]]),
    path("other", 1),
  ],
  expected: { plan: 1, auto: 1 },
  before: null,
};
const closure = new Closure(data);
const order = [2, 1, 0, 3];

test("a closure's size counts each path once", () => {
  expect([0, 1, 2, 3].map((i) => closure.closureSize(i))).toEqual([1110, 100, 1100, 1]);
});

test("the reason for a path is the shortest chain from a path without users", () => {
  expect(closure.why(1)).toEqual([0, 1]);
  expect(closure.why(2)).toEqual([0, 2]);
  expect(closure.why(3)).toEqual([3]);
  expect(closure.users[1]).toEqual([0, 2]);
});

test("a search finds paths and files by name, the largest path first", () => {
  const found = find(data, order, "APP");
  expect(found.paths).toEqual([0]);
  expect([...found.files]).toEqual([
    [1, 1],
    [0, 1],
  ]);
  expect(fileCount(found)).toBe(2);
});

test("with a slash, the search includes the folders of files; special characters are literal", () => {
  expect([...find(data, order, "app/LIC").files]).toEqual([[0, 1]]);
  expect(find(data, order, "share").files.size).toBe(0);
  expect(find(data, order, "1.0").paths).toEqual([0]);
  expect(find(data, order, "1*0").paths).toEqual([]);
});

test("similar names are those of packages first, then of files", () => {
  expect(similarNames(data, "shel")).toEqual(["shell"]);
  expect(similarNames(data, "othr")).toEqual(["other"]);
  expect(similarNames(data, "licence")).toEqual(["LICENSE"]);
  expect(similarNames(data, "nothing")).toEqual([]);
});

test("a whole store path is found; the folder of the store is not part of a name", () => {
  expect(find(data, order, `/nix/store/${"0".repeat(32)}-lib-2`).paths).toEqual([1]);
  expect(find(data, order, "store").paths).toEqual([]);
});
