/** The examples of descriptions in the documentation are right: they have no diagnostics, and compile. */
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { blocks, compiled, pages } from "./pages.ts";

const program = createProgram();

test.each(pages.filter((page) => blocks(page, "imgspec").length > 0))(
  "the examples of %s have no diagnostics, and compile",
  (page) => {
    for (const text of blocks(page, "imgspec")) {
      const { diagnostics, nix } = compiled(text);
      // A base without a lock beside it must be pinned first. The reference shows declarations before they are used.
      const fine = ["not-pinned", ...(page.startsWith("grammar/") ? ["unused-binding", "lost-healthcheck"] : [])];
      expect(
        diagnostics.filter(({ code }) => !fine.includes(code)),
        text,
      ).toEqual([]);
      expect(nix).toContain("imgc");
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
