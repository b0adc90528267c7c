import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { byteString, matches, parseIgnoreFile, parsePattern } from "../../src/ignore/pattern.ts";

const GITIGNORE = join(import.meta.dirname, "../../nix/gitignore.nix");

/** A .gitignore file and paths from its folder; each also stands for a directory where it ends in `/`. */
interface Case {
  content: string;
  paths: string[];
}

const folder = mkdtempSync(join(tmpdir(), "imgc-ignore-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
execFileSync("git", ["init", "--quiet", folder]);
// Neither the user's own patterns nor those of the repository count.
rmSync(join(folder, ".git/info"), { recursive: true, force: true });
execFileSync("git", ["-C", folder, "config", "core.excludesFile", "/dev/null"]);
let count = 0;

/** The paths that git ignores because of this file; a path ends in `/` where it is a directory. */
function gitVerdicts(cases: Case[]): boolean[][] {
  const named = cases.map((each) => ({ ...each, name: `${count++}` }));
  for (const { name, content, paths } of named) {
    for (const path of paths) mkdirSync(join(folder, name, path, path.endsWith("/") ? "." : ".."), { recursive: true });
    writeFileSync(join(folder, name, ".gitignore"), content);
  }
  // Of a path that ends in `/`, git would look for a name behind that.
  const place = (name: string, path: string) => `${name}/${path.replace(/\/$/, "")}`;
  const asked = named.flatMap(({ name, paths }) => paths.map((path) => place(name, path)));
  const args = ["-C", folder, "check-ignore", "--no-index", "-z", "--stdin", "--verbose", "--non-matching"];
  const fields = execFileSync("git", args, { input: asked.map((path) => `${path}\0`).join(""), encoding: "utf8" });
  const lines = fields.split("\0");
  const ignored = new Set<string>();
  for (let i = 0; i + 3 < lines.length; i += 4) {
    const [source, , pattern, path] = lines.slice(i, i + 4) as [string, string, string, string];
    if (source !== "" && !pattern.startsWith("!")) ignored.add(path);
  }
  return named.map(({ name, paths }) => paths.map((path) => ignored.has(place(name, path))));
}

/** All folders of a path, and the path itself: what a walk asks one after the other. */
function steps(path: string): { path: string; isDirectory: boolean }[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, i) => ({
    path: parts.slice(0, i + 1).join("/"),
    isDirectory: i + 1 < parts.length || path.endsWith("/"),
  }));
}

function ownVerdicts({ content, paths }: Case): boolean[] {
  const patterns = parseIgnoreFile(byteString(content));
  return paths.map((path) =>
    steps(path).some((step) => {
      const last = patterns.findLast((each) => matches(each, byteString(step.path), step.isDirectory));
      return last !== undefined && !last.isNegated;
    }),
  );
}

function nixVerdicts(cases: Case[]): boolean[][] {
  const input = cases.map(({ content, paths }) => ({ content, paths: paths.map(steps) }));
  const file = join(folder, "cases.json");
  writeFileSync(file, JSON.stringify(input));
  const expression = `
    let
      gitignore = import ${GITIGNORE};
      verdicts = { content, paths }:
        let
          rules = gitignore.read content;
          isIgnored = step: gitignore.verdict rules (step // { name = baseNameOf step.path; }) == true;
        in
        map (builtins.any isIgnored) paths;
    in
    map verdicts (builtins.fromJSON (builtins.readFile ${file}))`;
  const args = ["--eval", "--json", "--strict", "--option", "store", "dummy://", "-"];
  return JSON.parse(
    execFileSync("nix-instantiate", args, { input: expression, encoding: "utf8", stdio: "pipe" }),
  ) as boolean[][];
}

/** Each path of which git says another thing, with its file. */
function differences(cases: Case[], verdicts: boolean[][]): string[] {
  const git = gitVerdicts(cases);
  return cases.flatMap(({ content, paths }, i) =>
    paths.flatMap((path, k) =>
      git[i]?.[k] === verdicts[i]?.[k] ? [] : [`${JSON.stringify(content)} ${path}: git says ${String(git[i]?.[k])}`],
    ),
  );
}

/** Few letters, so that patterns and paths often meet. */
const letter = fc.constantFrom(
  "a",
  "b",
  "c",
  "A",
  "1",
  "-",
  "^",
  "!",
  "]",
  "[",
  ".",
  " ",
  "é",
  "\\",
  "#",
  "+",
  "{",
  "(",
);
const name = fc
  .array(letter, { minLength: 1, maxLength: 4 })
  .map((letters) => letters.join(""))
  .filter((text) => text !== "." && text !== ".." && text !== ".gitignore");
const path = fc
  .tuple(fc.array(name, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "/"))
  .map(([names, end]) => names.join("/") + end);
const range = fc.tuple(letter, letter).map(([from, to]) => `${from}-${to}`);
const bracket = fc
  .tuple(
    fc.constantFrom("", "!", "^"),
    fc.array(fc.oneof(letter, range, fc.constantFrom("[:alpha:]", "[:space:]", "[:x:]", "[:", "/")), { maxLength: 3 }),
    fc.constantFrom("]", "]", "]", ""),
  )
  .map(([not, items, end]) => `[${not}${items.join("")}${end}`);
const piece = fc.oneof(
  { weight: 6, arbitrary: letter },
  { weight: 3, arbitrary: fc.constantFrom("*", "?", "**", "/", "**/", "/**/", "\\") },
  { weight: 1, arbitrary: bracket },
);
const line = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "/", "#"),
    fc.array(piece, { maxLength: 8 }),
    fc.constantFrom("", "", "/", " ", "\r"),
  )
  .map((parts) => parts.flat().join(""));
const cases = fc.record({
  content: fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => lines.join("\n")),
  paths: fc.uniqueArray(path, { minLength: 4, maxLength: 12, selector: (each) => each.replace(/\/$/, "") }),
});
/** No path goes through one that is a file. */
const settled = cases.map(({ content, paths }) => {
  const isFolder = (each: string) => paths.some((other) => other.startsWith(`${each.replace(/\/$/, "")}/`));
  return { content, paths: paths.map((each) => (isFolder(each) && !each.endsWith("/") ? `${each}/` : each)) };
});

test("patterns match what git's match", () => {
  const sample = fc.sample(settled, 250);
  expect(differences(sample, sample.map(ownVerdicts))).toEqual([]);
  expect(differences(sample, nixVerdicts(sample))).toEqual([]);
});
