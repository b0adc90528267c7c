/** The examples of descriptions in the documentation are right. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { check } from "../src/language/index.ts";

const ROOT = join(import.meta.dirname, "..");
const pages = ["README.md", "nix/README.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)];

/** The blocks of descriptions on a page. */
function examples(page: string): string[] {
  return [...readFileSync(join(ROOT, page), "utf8").matchAll(/^```imgspec\n(.*?)^```$/gms)].map(
    ([, text]) => text ?? "",
  );
}

test.each(pages.filter((page) => examples(page).length > 0))("the examples of %s have no diagnostics", (page) => {
  for (const text of examples(page)) {
    const { diagnostics } = check(
      { path: join(ROOT, "example.imgspec"), text },
      { read: () => undefined, exists: () => true },
    );
    // A base without a lock beside it must be pinned first.
    expect(diagnostics.filter(({ code }) => code !== "not-pinned")).toEqual([]);
  }
});
