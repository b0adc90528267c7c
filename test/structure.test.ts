/** Rules about the files of `src` and `test`: the direction of imports, errors, the terminal, which tests are where. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");

/** A folder may import folders of the rows above its own. */
const ROWS = [
  ["util"],
  ["oci", "store", "license"],
  ["diagnostics", "ignore"],
  ["plan", "layer", "language", "plan-page"],
  ["lock", "image", "format", "fixes", "init", "nix", "registry"],
  ["verify", "compile", "import", "serve", "packages", "cache", "sbom", "sign", "provenance"],
  ["builder", "diff", "publish", "lsp"],
  ["expect", "playground"],
  ["app"],
  ["cli"],
];

/** A builder's bundle is part of every derivation: it holds nothing of the language, so that changes there rebuild none. */
const NEVER: Record<string, string[]> = { builder: ["language"] };

/** Folders of tests without a folder in `src`. */
const OTHER_TESTS: Record<string, string> = {
  bench: "mirrors bench/",
  cosign: "needs cosign, oras or crane",
  daemon: "needs nix-daemon",
  docs: "checks docs/, examples/ and the other pages",
  e2e: "needs Nix, skopeo or podman",
  editors: "needs editors",
  fuzz: "makes random images; scripts/fuzz runs it longer",
  grammar: "checks grammar/ and scripts/grammar",
  nixpkgs: "the package set that other tests build with",
  programs: "needs further programs",
  runtime: "installs Node.js for development",
  scripts: "mirrors scripts/",
};

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

/** The files of `src` that a file imports, types too. */
function importsOf(name: string): string[] {
  const text = readFileSync(join(SOURCE, name), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)]
    .map(([, target]) => relative(SOURCE, join(dirname(join(SOURCE, name)), target as string)))
    .filter((target) => !target.startsWith(".."));
}

const folderOf = (name: string): string => name.split("/")[0] as string;
const rowOf = (folder: string): number => ROWS.findIndex((row) => row.includes(folder));

test("imports between folders go one way", () => {
  const wrong = files.flatMap((name) => {
    const folder = folderOf(name);
    return importsOf(name)
      .filter((target) => {
        const other = folderOf(target);
        if (other === folder) return false;
        return rowOf(other) === -1 || rowOf(other) >= rowOf(folder) || NEVER[folder]?.includes(other);
      })
      .map((target) => `${name} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test("no files import each other in a circle", () => {
  const imports = new Map(files.map((name) => [name, importsOf(name)]));
  // Files that import nothing that is left are taken away, until circles and their importers are left.
  for (let before = -1; before !== imports.size;) {
    before = imports.size;
    for (const [name, targets] of imports) if (!targets.some((target) => imports.has(target))) imports.delete(name);
  }
  expect([...imports.keys()]).toEqual([]);
});

test("every error has an exit code", () => {
  const others = files.filter((name) => /\bextends Error\b/.test(readFileSync(join(SOURCE, name), "utf8")));
  expect(others).toEqual(["util/errors.ts"]);
});

test("only commands, builders and the language server use standard streams", () => {
  const others = files.filter((name) => !["cli", "builder", "lsp"].includes(folderOf(name)));
  const streams = /process\.(?:stdout|stderr|stdin)\b/;
  expect(others.filter((name) => streams.test(readFileSync(join(SOURCE, name), "utf8")))).toEqual([]);
});

test("each folder of src has unit tests, and each folder of tests a folder of src or a reason", () => {
  const foldersOf = (path: string) =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const [sources, tests] = [foldersOf(SOURCE), foldersOf(import.meta.dirname)];
  const tested = sources.filter((folder) =>
    readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: "utf8" }).some((name) =>
      name.endsWith(".test.ts"),
    ),
  );
  expect(tested).toEqual(sources);
  expect(tests.filter((name) => !sources.includes(name))).toEqual(Object.keys(OTHER_TESTS));
});

test("commands compare with classes of errors that all bundles share", () => {
  const shared = readFileSync(join(SOURCE, "util/errors.ts"), "utf8");
  const compared = files
    .filter((name) => folderOf(name) === "cli")
    .flatMap((name) => [...readFileSync(join(SOURCE, name), "utf8").matchAll(/instanceof (\w+)/g)])
    .map(([, name = ""]) => name)
    // Commander is in one bundle.
    .filter((name) => name !== "CommanderError" && name !== "Error");
  expect(compared.filter((name) => !shared.includes(`class ${name} `))).toEqual([]);
});
