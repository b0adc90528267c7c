import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { differences, HOSTILE, sampleCases, steps } from "../ignore/patterns.ts";
import { folder, tool } from "./tools.ts";

const NIX = join(import.meta.dirname, "../../nix");

test("patterns match in Nix what git's match", async () => {
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
