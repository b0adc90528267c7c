/** The pictures of the README. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkPicture } from "../../scripts/pictures.ts";
import { styledLines, terminalSvg } from "../../scripts/pictures/terminal-svg.ts";

const PICTURES = join(import.meta.dirname, "../../docs/pictures");

test("the recording shows today's output of `imgc check`", () => {
  const shown = readFileSync(join(PICTURES, "check.svg"), "utf8");
  expect(shown, "run `node scripts/pictures.ts check`").toBe(checkPicture());
  expect(shown).toContain("mode-without-zero");
});

test("colours of a terminal become styles, and lines break at its width", () => {
  const [line = []] = styledLines("\u001b[1mbold\u001b[22m \u001b[31mred\u001b[39m <end>");
  expect(line.map(({ text, isBold, colour }) => [text, isBold, colour !== undefined])).toEqual([
    ["bold", true, false],
    [" ", false, false],
    ["red", false, true],
    [" <end>", false, false],
  ]);
  const svg = terminalSvg([{ command: "a", output: "12345678" }], { columns: 5, title: "<title>" });
  expect(svg.match(/<text y=/g)).toHaveLength(3);
  expect(svg).toContain(">12345</tspan>");
  expect(svg).toContain("&lt;title&gt;");
});

test("the page of a plan is a small picture", () => {
  expect(statSync(join(PICTURES, "plan.png")).size).toBeLessThan(150_000);
});
