/** The tree-sitter grammar, by tree-sitter's own tools. */
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { files, folder, tool, type Failure } from "../e2e/tools.ts";
import { fileTexts } from "../language/sentences.ts";
import { GRAMMAR } from "./documented.ts";

const REPOSITORY = join(GRAMMAR, "..");
const grammar = folder();
const env = { HOME: folder() };
const treeSitter = (...args: string[]) => tool("bash", ["-c", 'cd "$0" && tree-sitter "$@"', grammar, ...args], env);

beforeAll(async () => {
  cpSync(join(GRAMMAR, "tree-sitter"), grammar, { recursive: true });
  // The test runner reads the JSON form of the grammar. The parser is the one that editors compile.
  const generated = join(grammar, "generated");
  mkdirSync(generated);
  await treeSitter("generate", "--output", generated);
  cpSync(join(generated, "grammar.json"), join(grammar, "src/grammar.json"));
});

test("the corpus has the expected trees", async () => {
  expect((await treeSitter("test")).stdout).toMatch(/successful parses: (\d+); failed parses: 0/);
});

test("valid descriptions parse without errors: cases, examples, templates, documentation, and random ones", async () => {
  const given = globSync(["examples/**/*.imgspec", "templates/**/*.imgspec", "test/compile/cases/*/*.imgspec"], {
    cwd: REPOSITORY,
  }).filter((path) => !path.includes("broken"));
  const pages = globSync(["README.md", "docs/*.md", "nix/README.md"], { cwd: REPOSITORY });
  const documented = pages.flatMap((page) => {
    const text = readFileSync(join(REPOSITORY, page), "utf8");
    return [...text.matchAll(/^```imgspec\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  });
  const random = fc.sample(fileTexts, { numRuns: 150, seed: 1 });
  expect(Math.min(given.length, documented.length)).toBeGreaterThan(3);
  const into = folder();
  const written = [...documented, ...random].map((text, index) => files({ [`${index}.imgspec`]: text }, into));
  const list = join(into, "paths");
  writeFileSync(list, [...given.map((path) => join(REPOSITORY, path)), ...written].join("\n"));
  // The command fails if a tree has an error, and prints the file and the first error.
  const failed = await treeSitter("parse", "--quiet", "--paths", list).catch((error: unknown) => error as Failure);
  for (const [, path = ""] of failed.stdout.matchAll(/^(\S+)\s+Parse:.*(?:ERROR|MISSING)/gm))
    expect.soft(failed.stdout, readFileSync(path, "utf8")).not.toContain(path);
  expect(failed).not.toBeInstanceOf(Error);
});

test("all queries of editors name nodes that exist", async () => {
  const sample = join(REPOSITORY, "examples/hello.imgspec");
  const queries = globSync("**/*.scm", { cwd: GRAMMAR });
  expect(queries.length).toBeGreaterThan(10);
  for (const query of queries) await treeSitter("query", "--quiet", join(GRAMMAR, query), sample);
});
