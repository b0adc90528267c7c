import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, tool } from "./tools.ts";

const ROOT = join(import.meta.dirname, "../..");
const FUNCTIONS = join(ROOT, "nix");

/** The examples of the functions' own documentation. */
function examples(): string[] {
  const text = readFileSync(join(FUNCTIONS, "README.md"), "utf8");
  return [...text.matchAll(/^```nix\n(.*?)^```$/gms)].map((match) => match[1] as string);
}

test("every example of the functions' documentation builds", async () => {
  const all = examples();
  expect(all.length).toBeGreaterThan(12);
  // Paths in them are beside the document.
  const written = all.map(
    (text, i) =>
      `  example${i} = ${text.replaceAll("../", `${ROOT}/`).replaceAll("./", `${FUNCTIONS}/`).trimEnd()}\n  ;`,
  );
  const expression = files({
    "examples.nix": `let
  pkgs = import <nixpkgs> { };
  imgc = import ${FUNCTIONS} { inherit pkgs; };
in
{
${written.join("\n")}
}
`,
  });
  const names = all.flatMap((text, i) => (text.includes("evaluated only") ? [] : [`example${i}`]));
  const evaluated = all.flatMap((text, i) => (text.includes("evaluated only") ? [`example${i}`] : []));
  await tool("nix", ["build", "-f", expression, "--no-link", ...names]);
  for (const name of evaluated) {
    const { stdout } = await tool("nix-instantiate", ["--eval", "-A", `${name}.otherLayers`, expression]);
    expect(stdout.trim()).toBe("0");
  }
});

test("every function in nix/default.nix is documented", async () => {
  const listed = await tool("nix-instantiate", [
    "--eval",
    "--strict",
    "--json",
    "--expr",
    `builtins.attrNames (import ${FUNCTIONS} { })`,
  ]);
  const headings = [...readFileSync(join(FUNCTIONS, "README.md"), "utf8").matchAll(/^## (\w+)$/gm)].map(
    (match) => match[1],
  );
  expect(new Set(headings)).toEqual(new Set(JSON.parse(listed.stdout) as string[]));
});
