import { expect, test } from "vitest";
import { NOTHING } from "../../../bench/fabricate.ts";
import type { Expect } from "../../../src/image/image-file.ts";
import type { License } from "../../../src/license/license-schema.ts";
import { checkLicenses } from "../../../src/verify/contents/licenses.ts";

const store = (name: string) => `/nix/store/${"a".repeat(32)}-${name}`;

/** The unmet expectations, as `PLACE: MESSAGE`. `paths`: the licences of each store path. */
function unmet(
  expected: Pick<Expect, "licenses" | "noLicenses">,
  paths: Record<string, string[]>,
  foreign: string[] = [],
): string[] {
  const closure = Object.keys(paths).map((name) => ({ path: store(name) }));
  const metadata = Object.entries(paths).map(([name, licenses]) => ({
    path: store(name),
    name,
    version: "",
    output: "out",
    licenses: licenses.map((id): License => (id.startsWith("=") ? { name: id.slice(1) } : { id })),
    description: null,
    homepage: null,
  }));
  return checkLicenses({ ...NOTHING, ...expected }, closure, metadata, new Set(foreign)).map(
    ({ at, message }) => `${at.join(" ")}: ${message}`,
  );
}

test("without a list nothing is checked, not even that a licence is known", () => {
  expect(unmet({}, { a: [] })).toEqual([]);
  expect(unmet({ licenses: [], noLicenses: [] }, { a: [] })).toEqual([]);
});

test("only the listed licences are allowed; paths of one licence share a finding", () => {
  const paths = { a: ["MIT"], b: ["GPL-3.0-or-later"], c: ["GPL-3.0-or-later"], d: ["Zlib"] };
  expect(unmet({ licenses: ["MIT", "Zlib"] }, paths)).toEqual([
    `expect licenses: expect licenses: ${store("b")}, ${store("c")} have the licence GPL-3.0-or-later, which the list does not allow`,
  ]);
});

test("a path without a known licence is a finding of its own", () => {
  const message = `${store("b")} has no known licence; set \`meta.license\` of the package`;
  expect(unmet({ licenses: ["MIT"] }, { a: ["MIT"], b: [] })).toEqual([`expect licenses: expect licenses: ${message}`]);
  expect(unmet({ noLicenses: ["MIT"] }, { a: ["Zlib"], b: [] })).toEqual([
    `expect no-licenses: expect no-licenses: ${message}`,
  ]);
});

test("for a base made elsewhere, the message names what the user can change", () => {
  const found = unmet({ licenses: ["MIT"] }, { a: [], b: [] }, [store("b")]);
  expect(found).toEqual([
    expect.stringContaining(`${store("a")} has no known licence; set \`meta.license\``) as string,
    expect.stringContaining(`${store("b")} has no known licence; the base was made elsewhere`) as string,
  ]);
});

test("a forbidden licence is a finding at its place in the list", () => {
  expect(unmet({ noLicenses: ["Zlib", "AGPL-3.0-only"] }, { a: ["MIT AND AGPL-3.0-only"], b: ["MIT"] })).toEqual([
    `expect no-licenses 1: expect no-licenses AGPL-3.0-only: ${store("a")} has the licence MIT AND AGPL-3.0-only`,
  ]);
});

test.each<[string, string[], boolean]>([
  ["one alternative of OR is enough", ["MIT OR GPL-3.0-only"], true],
  ["all parts of AND are needed", ["MIT AND GPL-3.0-only"], false],
  ["all licences of a list are needed", ["MIT", "GPL-3.0-only"], false],
  ["OR in AND", ["Zlib AND (MIT OR GPL-3.0-only)"], true],
  ["an exception adds permissions", ["MIT WITH LLVM-exception"], true],
  ["a later version is another licence", ["MIT+"], false],
  ["an unlisted licence has a LicenseRef", ["=Public Domain"], true],
  ["another unlisted licence", ["=Unfree"], false],
  ["a listed exception allows the licence with it", ["Apache-2.0 WITH LLVM-exception"], true],
  ["a listed exception does not allow the licence without it", ["Apache-2.0"], false],
])("%s", (_, own, isAllowed) => {
  const licenses = ["MIT", "Zlib", "LicenseRef-Public-Domain", "Apache-2.0 WITH LLVM-exception"];
  expect(unmet({ licenses }, { a: own })).toHaveLength(isAllowed ? 0 : 1);
});

test("an alternative must be both allowed and not forbidden", () => {
  const both = { licenses: ["MIT", "Zlib"], noLicenses: ["Zlib"] };
  expect(unmet(both, { a: ["MIT OR Zlib"] })).toEqual([]);
  expect(unmet(both, { a: ["Zlib OR GPL-3.0-only"] })).toEqual([
    `expect no-licenses 0: expect no-licenses Zlib: ${store("a")} has the licence Zlib OR GPL-3.0-only`,
  ]);
});

test("a long list of paths is cut", () => {
  const paths = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`p${i}`, ["MIT"]]));
  expect(unmet({ licenses: ["Zlib"] }, paths)[0]).toMatch(/-p9 and 3 more have the licence MIT/);
});
