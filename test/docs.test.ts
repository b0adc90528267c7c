/** The examples of descriptions in the documentation are right: they have no diagnostics, and compile. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../src/compile/index.ts";
import { check } from "../src/language/index.ts";

const ROOT = join(import.meta.dirname, "..");
const pages = [
  "README.md",
  "nix/README.md",
  "grammar/reference.md",
  ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`),
];

/** The blocks of descriptions on a page. */
function examples(page: string): string[] {
  return [...readFileSync(join(ROOT, page), "utf8").matchAll(/^```imgspec\n(.*?)^```$/gms)].map(
    ([, text]) => text ?? "",
  );
}

const host = { read: () => "", exists: () => true };
const functions = { functions: "/functions", directory: ROOT, lock: { nixpkgs: {}, bases: {}, layers: {} } };

test.each(pages.filter((page) => examples(page).length > 0))(
  "the examples of %s have no diagnostics, and compile",
  (page) => {
    for (const text of examples(page)) {
      const { diagnostics, spec } = check({ path: join(ROOT, "example.imgspec"), text }, host);
      // A base without a lock beside it must be pinned first. The reference shows declarations before they are used.
      const fine = ["not-pinned", ...(page.startsWith("grammar/") ? ["unused-binding", "lost-healthcheck"] : [])];
      expect(
        diagnostics.filter(({ code }) => !fine.includes(code)),
        text,
      ).toEqual([]);
      if (spec === undefined) throw new Error(`no spec: ${text}`);
      expect(compile(spec, functions as never)).toContain("imgc");
    }
  },
);
