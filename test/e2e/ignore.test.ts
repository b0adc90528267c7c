import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copiedOf } from "../../src/ignore/copied.ts";
import { differences, HOSTILE, sampleCases, steps } from "../ignore/patterns.ts";
import { sampleTrees } from "../ignore/trees.ts";
import { folder, tool } from "./tools.ts";

const NIX = join(import.meta.dirname, "../../nix");

test("patterns match the same files in Nix as in git", async () => {
  const sample = sampleCases(150);
  const file = join(folder(), "cases.json");
  writeFileSync(
    file,
    JSON.stringify([...sample, ...HOSTILE].map(({ content, paths }) => ({ content, paths: paths.map(steps) }))),
  );
  const expression = `
    let
      gitignore = import ${NIX}/gitignore.nix;
      verdicts = { content, paths }:
        let
          rules = gitignore.read content;
          isIgnored = step: gitignore.verdict rules (step // { name = baseNameOf step.path; }) == true;
        in
        map (builtins.any isIgnored) paths;
    in
    map verdicts (builtins.fromJSON (builtins.readFile ${file}))`;
  const { stdout } = await tool("nix-instantiate", ["--eval", "--json", "--strict", "--expr", expression]);
  const verdicts = JSON.parse(stdout) as boolean[][];
  expect(verdicts.splice(sample.length)).toEqual(HOSTILE.map(({ ignored }) => ignored));
  expect(differences(sample, verdicts)).toEqual([]);
});

test("Nix copies the same files as imgc plan counts", async () => {
  const sources = sampleTrees(60);
  const rules = sources.map((source, i) => ({
    source,
    exclude: i % 3 === 0 ? ["a", "!src/a", "/b.txt"] : [],
    all: i % 5 === 0,
    within: join(source, ".."),
  }));
  const file = join(folder(), "rules.json");
  writeFileSync(file, JSON.stringify(rules));
  const expression = `
    map ({ source, exclude, all, within }: builtins.path {
      path = /. + source;
      name = "source";
      filter = import ${NIX}/copied.nix {
        path = /. + source;
        within = /. + within;
        fail = message: throw message;
        inherit exclude all;
      };
    }) (builtins.fromJSON (builtins.readFile ${file}))`;
  const args = ["--eval", "--json", "--strict", "--read-write-mode", "--expr", expression];
  const { stdout } = await tool("nix-instantiate", args);
  for (const [i, copy] of (JSON.parse(stdout) as string[]).entries()) {
    const { source, ...own } = rules[i] as (typeof rules)[number];
    expect(copiedOf(copy, { exclude: [], all: true, within: "/" }).taken).toEqual(copiedOf(source, own).taken);
  }
});
