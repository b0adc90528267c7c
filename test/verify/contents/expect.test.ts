import { expect, test } from "vitest";
import { NOTHING } from "../../../bench/fabricate.ts";
import { growth, LINEAR } from "../../growth.ts";
import { checkExpect } from "../../../src/verify/contents/expect.ts";
import type { Expect, Named } from "../../../src/image/image-file.ts";

const store = (name: string) => `/nix/store/${"a".repeat(32)}-${name}`;

/** The unmet expectations of an image of these store paths. */
function wrong(expected: Partial<Expect>, ...names: string[]): string[] {
  const closure = names.map((name) => ({ path: store(name) }));
  return checkExpect(
    { ...NOTHING, ...expected },
    { layers: [], special: [], closure, metadata: [], foreign: new Set() },
  ).map(({ message }) => message);
}

test("unmet expectations have places, a wrapped package the place of its wrapper", () => {
  const all = ["wrapper", "wrapped", "jq"].map((name) => ({ name, paths: [] }));
  const absent = all.map((each) => (each.name === "wrapped" ? { ...each, wrapped: true } : each));
  const closure = all.map(({ name }) => ({ path: store(`${name}-1`) }));
  const layers = [{ name: "auto", size: 5 }];
  const size = [
    { operator: "<=", value: 9 },
    { operator: "<", value: 5 },
  ] as const;
  const unmet = checkExpect(
    { ...NOTHING, absent, size: [...size] },
    { layers, special: [], closure, metadata: [], foreign: new Set() },
  );
  expect(unmet.map(({ at }) => at.slice(1).join(" "))).toEqual(["size 1", "absent 0", "absent 0", "absent 1"]);
});

test("a package that must be absent is found by any output, in any version", () => {
  const lz4: Named = { name: "lz4", paths: [] };
  expect(wrong({ absent: [lz4] }, "lz4-1.9-dev")).toEqual([
    `expect absent lz4: ${store("lz4-1.9-dev")} is in the image`,
  ]);
  expect(wrong({ absent: [lz4] }, "lz4-cli-1.9", "zlib-1.3")).toEqual([]);
});

test("a selected output means that output alone", () => {
  const dev: Named = { name: "lz4", paths: [store("lz4-1.10-dev")], output: "dev" };
  expect(wrong({ absent: [dev] }, "lz4-1.10", "lz4-1.10-lib")).toEqual([]);
  expect(wrong({ absent: [dev] }, "lz4-1.9-dev")).toHaveLength(1);
  expect(wrong({ present: [dev] }, "lz4-1.10")).toEqual([
    "expect present lz4.dev: the image does not contain the package",
  ]);
  const out: Named = { name: "lz4", paths: [store("lz4-1.10")], output: "out", others: ["dev", "lib"] };
  expect(wrong({ absent: [out] }, "lz4-1.10-dev", "lz4-1.9-lib")).toEqual([]);
  expect(wrong({ absent: [out] }, "lz4-1.9")).toHaveLength(1);
});

test("a wrapped package that must be absent does not include its libraries", () => {
  const gcc: Named = { name: "gcc", paths: [store("gcc-14.3.0")], others: ["lib", "libgcc"] };
  expect(wrong({ absent: [gcc] }, "gcc-14.3.0-lib", "gcc-13.2.0-libgcc")).toEqual([]);
  expect(wrong({ absent: [gcc] }, "gcc-13.2.0")).toHaveLength(1);
});

test("outputs that do not count may have dashes in their names", () => {
  const gcc: Named = { name: "gcc", paths: [], others: ["lib", "a-b", "x-lib"] };
  const found = (...names: string[]) => wrong({ absent: [gcc] }, ...names);
  expect(found("gcc-1-lib", "gcc-1-x-lib", "gcc-1-a-b")).toEqual([]);
  expect(found("gcc-1-lib", "gcc-1-a-b", "gcc-2-b")).toEqual([
    `expect absent gcc: ${store("gcc-2-b")} is in the image`,
  ]);
  expect(found("gcc-1-b")).toHaveLength(1);
  expect(wrong({ absent: [{ name: "gcc", paths: [], output: "a-b" }] }, "gcc-1-b", "gcc-1-a-b")).toHaveLength(1);
});

test.each<[string, (i: number) => Named, (i: number) => string]>([
  ["of different packages", (i) => ({ name: `q${i}`, paths: [store(`q${i}-2`)] }), (i) => `p${i}-1`],
  ["of one package's outputs", (i) => ({ name: "p", paths: [], output: `o${i}` }), (i) => `p-${i}-dev`],
  [
    "of one package with other excluded outputs",
    (i) => ({ name: "p", paths: [], others: ["dev", `o${i}`] }),
    (i) => `p-${i}-dev`,
  ],
])("expectations %s take about linear time", (_, make, name) => {
  const grown = growth(1000, (count) => {
    const closure = Array.from({ length: count }, (__, i) => ({ path: store(name(i)) }));
    const absent = Array.from({ length: count }, (__, i) => make(i));
    const present = closure.map(({ path }) => ({ name: "p", paths: [path] }));
    return () =>
      expect(
        checkExpect(
          { ...NOTHING, absent, present },
          { layers: [], special: [], closure, metadata: [], foreign: new Set() },
        ),
      ).toEqual([]);
  });
  expect(grown).toBeLessThan(LINEAR);
});
