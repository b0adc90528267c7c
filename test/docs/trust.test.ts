/** docs/trust.md says of each command what it trusts and what it checks. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

const program = createProgram();

test("the table has one row for each command", () => {
  const commands = program.commands.map((command) => command.name());
  const text = readFileSync(join(import.meta.dirname, "../../docs/trust.md"), "utf8");
  const rows = Array.from(text.matchAll(/^\| `([a-z]+)` +\| *(.*?) *\| *(.*?) *\|$/gm), ([, ...cells]) => cells);
  const named = rows.map(([name]) => name ?? "");
  expect(named.toSorted()).toEqual(commands.toSorted());
  for (const cells of rows) expect(cells.every((cell) => cell !== "")).toBe(true);
});
