/** Generates .gitignore files and paths, and asks git which paths are ignored. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll } from "vitest";

/** A .gitignore file, and paths relative to its folder; a directory's path ends in `/`. */
export interface Case {
  content: string;
  paths: string[];
}

/** Creates a repository without the user's patterns and without patterns in `.git/info`. */
export function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), "imgc-ignore-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync("git", ["init", "--quiet", folder]);
  rmSync(join(folder, ".git/info"), { recursive: true, force: true });
  execFileSync("git", ["-C", folder, "config", "core.excludesFile", "/dev/null"]);
  return folder;
}

/** Whether git ignores each path, or a folder above the path. */
export function gitVerdicts(cases: readonly Case[]): boolean[][] {
  const folder = repository();
  for (const [i, { content, paths }] of cases.entries()) {
    for (const path of paths)
      mkdirSync(join(folder, `${i}`, path, path.endsWith("/") ? "." : ".."), { recursive: true });
    writeFileSync(join(folder, `${i}`, ".gitignore"), content);
  }
  // git would look for an empty name after a final slash.
  const place = (i: number, path: string) => `${i}/${path.replace(/\/$/, "")}`;
  const asked = cases.flatMap(({ paths }, i) => paths.map((path) => `${place(i, path)}\0`));
  const args = ["-C", folder, "check-ignore", "--no-index", "-z", "--stdin", "--verbose", "--non-matching"];
  const fields = execFileSync("git", args, { input: asked.join(""), encoding: "utf8" }).split("\0");
  const ignored = new Set<string>();
  for (let i = 0; i + 3 < fields.length; i += 4) {
    const [source, , pattern, path] = fields.slice(i, i + 4) as [string, string, string, string];
    if (source !== "" && !pattern.startsWith("!")) ignored.add(path);
  }
  return cases.map(({ paths }, i) => paths.map((path) => ignored.has(place(i, path))));
}

/** The folders above a path and the path itself, in the order in which a walk checks them. */
export function steps(path: string): { path: string; isDirectory: boolean }[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, i) => ({
    path: parts.slice(0, i + 1).join("/"),
    isDirectory: i + 1 < parts.length || path.endsWith("/"),
  }));
}

/** The paths for which git's verdict differs, with their .gitignore files. */
export function differences(cases: readonly Case[], verdicts: readonly boolean[][]): string[] {
  const git = gitVerdicts(cases);
  return cases.flatMap(({ content, paths }, i) =>
    paths.flatMap((path, k) =>
      git[i]?.[k] === verdicts[i]?.[k] ? [] : [`${JSON.stringify(content)} ${path}: git says ${String(git[i]?.[k])}`],
    ),
  );
}

/** Few letters, so that patterns often match. */
const letter = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b") },
  { weight: 1, arbitrary: fc.constantFrom("c", "A", "1", "-", "^", "!", "]", "[", ".", " ", "é", "\\", "#", "+", "{") },
);
const name = fc
  .array(letter, { minLength: 1, maxLength: 4 })
  .map((letters) => letters.join(""))
  .filter((text) => text !== "." && text !== "..");
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
  { weight: 3, arbitrary: fc.constantFrom("*", "*", "?", "**", "/", "**/", "/**/", "\\") },
  { weight: 1, arbitrary: bracket },
);
export const line = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "/", "#"),
    fc.array(piece, { maxLength: 8 }),
    fc.constantFrom("", "", "/", " ", "\r"),
  )
  .map((parts) => parts.flat().join(""));

/** Cases in which no path is below a file. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    content: fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => lines.join("\n")),
    paths: fc.uniqueArray(path, { minLength: 4, maxLength: 12, selector: (each) => each.replace(/\/$/, "") }),
  })
  .map(({ content, paths }) => {
    const isFolder = (each: string) => paths.some((other) => other.startsWith(`${each.replace(/\/$/, "")}/`));
    return { content, paths: paths.map((each) => (isFolder(each) && !each.endsWith("/") ? `${each}/` : each)) };
  });

const CLASSES = "alnum alpha blank cntrl digit graph lower print punct space upper xdigit".split(" ");
const BYTES = Array.from({ length: 127 }, (_, i) => String.fromCharCode(i + 1)).filter((byte) => !"./".includes(byte));

/** Random cases, and cases that chance would rarely find. */
export function sampleCases(count: number): Case[] {
  return [
    ...fc.sample(cases, count),
    ...CLASSES.map((each) => ({ content: `[[:${each}:]]`, paths: BYTES })),
    { content: "[^b-a]\n[!--0]x\n[]-^]y\n[\\]-a]z\n", paths: ["a", "/x".slice(1), "]y", "^y", "ay", "]z", "az", "1x"] },
    { content: "\ufeffa\r\nb\r\n", paths: ["a", "b"] },
    { content: "/a\n!a\nb\\ \nc\\\n", paths: ["a", "b ", "b", "c"] },
    { content: Array.from({ length: 300 }, (_, i) => `*.${i}`).join("\n"), paths: ["a.1", "a.299", "a.300"] },
  ];
}

const a = "a".repeat(200);

/** Patterns on which git takes exponential time, with the correct verdicts. */
export const HOSTILE: (Case & { ignored: boolean[] })[] = [
  { content: `${"*a".repeat(30)}*b`, paths: [a, `${a}b`, `${a}c`], ignored: [false, true, false] },
  {
    content: `x/${"**/a*/".repeat(20)}b`,
    paths: [`x/${"aa/".repeat(40)}c`, `x/${"aa/".repeat(40)}b`],
    ignored: [false, true],
  },
];
