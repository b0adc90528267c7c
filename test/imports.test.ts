import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");

/** What each stage may import, beside itself. A stage that is not here yet makes the test fail. */
const ALLOWED: Record<string, string[]> = {
  diagnostics: ["util"],
  init: ["language"],
  language: ["diagnostics", "ignore", "linux", "util"],
  format: ["diagnostics", "language"],
  lock: ["plan"],
  registry: ["image", "temporary", "tool"],
  findings: [],
  ignore: [],
  fixes: ["diagnostics", "language"],
  packages: ["diagnostics", "language", "temporary", "tool"],
  lsp: ["diagnostics", "fixes", "format", "language", "packages"],
  compile: ["ignore", "language", "lock"],
  layer: ["linux", "util"],
  linux: [],
  util: [],
  page: [],
  plan: [],
  image: ["layer", "temporary", "util"],
  sbom: ["image", "layer", "util"],
  serve: ["image", "layer"],
  diff: ["image", "layer", "util"],
  temporary: [],
  tool: [],
  nix: ["findings", "temporary", "tool"],
  cache: ["language", "nix", "temporary", "tool"],
  publish: ["image", "layer", "serve", "temporary", "tool"],
  trial: ["image", "nix", "publish", "serve", "temporary", "tool"],
  builder: ["findings", "image", "layer", "linux", "lock", "plan", "registry", "util"],
  cli: [
    "cache",
    "compile",
    "diagnostics",
    "diff",
    "findings",
    "fixes",
    "format",
    "ignore",
    "image",
    "init",
    "language",
    "lock",
    "lsp",
    "nix",
    "packages",
    "page",
    "plan",
    "publish",
    "registry",
    "sbom",
    "serve",
    "temporary",
    "tool",
    "trial",
    "util",
  ],
};

test("every arrow between the stages goes one way", () => {
  const wrong: string[] = [];
  for (const name of readdirSync(SOURCE, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const stage = name.split("/")[0] as string;
    const text = readFileSync(join(SOURCE, name), "utf8");
    for (const [, target] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
      const other = relative(SOURCE, join(dirname(join(SOURCE, name)), target as string)).split("/")[0] as string;
      if (other === ".." || other === stage) continue;
      if (!ALLOWED[stage]?.includes(other)) wrong.push(`${name} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});
