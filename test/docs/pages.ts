/** The pages of the documentation, and the examples in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../src/compile/index.ts";
import { check, type CheckResult } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";

const ROOT = join(import.meta.dirname, "../..");

export const pages = [
  "README.md",
  "nix/README.md",
  "grammar/reference.md",
  ...readdirSync(join(ROOT, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

/** The blocks of a language on a page. */
export function blocks(page: string, language: "imgspec" | "sh"): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return Array.from(text.matchAll(/^ *```(\w+)\n(.*?)^ *```$/gms)).flatMap(([, name, block = ""]) =>
    name === language ? [block] : [],
  );
}

/** Checks and compiles a description whose files all exist. */
export function compiled(text: string): { diagnostics: CheckResult["diagnostics"]; nix: string } {
  const host = { read: () => "", exists: () => true };
  const { diagnostics, spec } = check({ path: join(ROOT, "example.imgspec"), text }, host);
  if (spec === undefined) throw new Error(`the description has mistakes: ${text}`);
  return { diagnostics, nix: compile(spec, { functions: "/functions", directory: ROOT, lock: EMPTY_LOCK }) };
}
