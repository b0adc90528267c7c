import { expect, test } from "vitest";
import { diffText } from "../../../src/cli/terminal/diff-text.ts";
import { MARKED, PIPE, TERMINAL } from "./layouts.ts";
import type { Difference } from "../../../src/diff/compare.ts";

const SAME: Difference = {
  before: "sha256:a",
  after: "sha256:b",
  config: [],
  layers: { same: 3, recompressed: 0, removed: [], added: [] },
  paths: { removed: [], added: [] },
  files: [],
  pull: { layers: 0, bytes: 0, of: 4096 },
} as unknown as Difference;

test("equal images are one line", () => {
  expect(diffText({ ...SAME, after: "sha256:a" }, TERMINAL)).toBe("the same image: sha256:a\n");
});

test("config, paths, files and layers are listed in 80 columns", () => {
  const long = `/nix/store/${"x".repeat(90)}`;
  const text = diffText(
    {
      ...SAME,
      config: [
        { name: "tag", before: null, after: "v2" },
        { name: "user", before: "root", after: null },
        { name: "env PATH", before: "/bin", after: "/usr/bin" },
        { name: "cmd", before: "a".repeat(60), after: "b".repeat(60) },
      ],
      paths: { removed: [long], added: Array.from({ length: 22 }, (_, i) => `/nix/store/path-${i}`) },
      files: [
        { name: "/new", before: null, after: 10 },
        { name: "/gone", before: 10, after: null },
        { name: "/changed", before: 10, after: 2048, attributes: "mode 0644 -> 0755" },
        { name: "/link", before: 0, after: 0, attributes: "target a -> b" },
        { name: "/added", before: null, after: 0, attributes: "link to b" },
      ],
      layers: { same: 3, recompressed: 0, removed: [], added: [{ index: 1, name: "app", size: 2048 }] },
    } as unknown as Difference,
    TERMINAL,
  );
  const lines = text.split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines).toEqual(expect.arrayContaining(["  + tag v2", "  - user root", "  ~ env PATH /bin -> /usr/bin"]));
  expect(lines).toContain("    and 2 more (--json has all)");
  expect(text).toMatch(/ {2}~ cmd\n {6}a+\n {3}-> b+\n/);
  expect(text).toMatch(/ {2}~ \/changed, 10 B -> 2\.\d \S+\n {6}mode 0644 -> 0755\n/);
  expect(text).toContain("  ~ /link\n      target a -> b\n  + /added\n      link to b\n");
  expect(text).toMatch(/ {2}\+ layer 2 \(app\), 2\.\d/);
  expect(text).toMatch(/x…x/);
});

test("with zstd:chunked layers, the bytes that each kind of client pulls are shown", () => {
  const pull = { layers: 2, bytes: 17_600_000, of: 20_200_000, chunked: { chunks: 560_000, files: 15_700_000 } };
  expect(diffText({ ...SAME, pull }, TERMINAL)).toContain(
    "17.6 MB of 20.2 MB, 2 layers\n        560.0 kB by clients that reuse parts of files\n        15.7 MB by clients that reuse only whole files\n",
  );
});

test("a partial pull is never larger than the whole pull", () => {
  const pull = { layers: 1, bytes: 1000, of: 1000, chunked: { chunks: 999, files: 1001 } };
  expect(diffText({ ...SAME, pull }, TERMINAL)).toContain(
    "1 layer\n        999 B by clients that reuse parts of files\n        no bytes saved by clients that reuse only whole files\n",
  );
});

test("compared forms, equal forms, and layers in another compression are named", () => {
  const difference: Difference = {
    ...SAME,
    forms: { before: "zstd", after: "zstd", same: ["gzip"] },
    layers: { ...SAME.layers, recompressed: 3 },
  };
  expect(diffText(difference, TERMINAL).split("\n").slice(2, 6)).toEqual([
    "forms   this compares the zstd forms",
    "        the gzip forms are the same",
    "layers  3 the same, 0 gone, 0 new",
    "        3 of the 3 in another compression: clients pull these again",
  ]);
  const forms = { before: "gzip", after: "zstd", same: [] } as const;
  expect(diffText({ ...SAME, forms: { ...forms, same: [] } }, TERMINAL)).toContain(
    "forms   this compares the gzip form with the zstd form\n",
  );
});

test("several platforms are listed one after another", () => {
  const platforms = [
    { platform: "linux/amd64", difference: { ...SAME, after: "sha256:a" } },
    { platform: "linux/arm64", difference: SAME },
  ];
  const text = diffText(
    { before: "1", after: "2", platforms, removed: ["linux/386"], added: ["linux/s390x"] },
    TERMINAL,
  );
  expect(text).toMatch(/^- linux\/386\n\+ linux\/s390x\nlinux\/amd64: the same image\nlinux\/arm64:\n {2}layers/m);
});

test("marks have colours by their meaning, and a pipe gets whole names", () => {
  const long = `/nix/store/${"x".repeat(90)}`;
  const config = [
    { name: "user", before: null, after: '"api"' },
    { name: "cmd", before: '["- x"]', after: null },
    { name: "env A", before: '"1"', after: '"2"' },
  ];
  const difference: Difference = { ...SAME, config, paths: { removed: [], added: [long] } };
  expect(diffText(difference, MARKED).split("\n").slice(2, 7)).toEqual([
    "<title>config</>",
    '<added>  + user "api"</>',
    '<removed>  - cmd ["- x"]</>',
    '<changed>  ~ env A "1" -> "2"</>',
    "<title>store paths</>",
  ]);
  expect(diffText(difference, PIPE)).toContain(`\n  + ${long}\n`);
});
