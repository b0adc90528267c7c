/** The examples of descriptions in the documentation are right: they have no diagnostics, and compile. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { program } from "../../src/cli/program.ts";
import { compile } from "../../src/compile/index.ts";
import { check } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";

const ROOT = join(import.meta.dirname, "../..");
const pages = [
  "README.md",
  "nix/README.md",
  "grammar/reference.md",
  ...readdirSync(join(ROOT, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

/** The blocks of a language on a page. */
function blocks(page: string, language: "imgspec" | "sh"): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return Array.from(text.matchAll(/^ *```(\w+)\n(.*?)^ *```$/gms)).flatMap(([, name, block = ""]) =>
    name === language ? [block] : [],
  );
}

/** The descriptions on a page. */
const examples = (page: string): string[] => blocks(page, "imgspec");

const host = { read: () => "", exists: () => true };
const FUNCTIONS = { functions: "/functions", directory: ROOT, lock: EMPTY_LOCK };

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
      expect(compile(spec, FUNCTIONS)).toContain("imgc");
    }
  },
);

test.each(pages.filter((page) => blocks(page, "sh").length > 0))("the commands of imgc on %s exist", (page) => {
  for (const [, line = ""] of blocks(page, "sh")
    .join("\n")
    .matchAll(/(?:^|[|&;] *)imgc (.*?)(?= *[|&;#]|$)/gm)) {
    const [name = "", ...words] = line.split(/ +/);
    const command = program.commands.find((each) => each.name() === name);
    const option = (word: string) => command?.options.find(({ short, long }) => word === short || word === long);
    const end = words.indexOf("--");
    const options = words
      .slice(0, end < 0 ? undefined : end)
      // The value of an option may look like an option.
      .filter((word, at, all) => word.startsWith("-") && word !== "-" && option(all[at - 1] ?? "")?.required !== true);
    expect(name.startsWith("-") || command !== undefined, line).toBe(true);
    if (command !== undefined)
      expect(
        options.filter((word) => option(word) === undefined),
        line,
      ).toEqual([]);
  }
});
