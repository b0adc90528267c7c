import { afterEach, expect, test } from "vitest";
import { canRedraw, hasColors, paintFor } from "../../../src/cli/terminal/style.ts";
import { colors } from "../../../src/cli/terminal/color-mode.ts";
import { widthOf } from "../../../src/cli/terminal/width.ts";
import { wrap } from "../../../src/util/wrap.ts";
import { setEnvironment } from "../../fake-tool.ts";
import { run } from "../run.ts";

const TERMINAL = { isTTY: true, columns: 60 };
afterEach(() => {
  colors.mode = "auto";
});

test.each([
  [{ NO_COLOR: "", TERM: "xterm" }, true, false],
  [{ NO_COLOR: "1", TERM: "xterm" }, false, false],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, false, false],
  [{ NO_COLOR: "", FORCE_COLOR: "1" }, true, true],
  [{ NO_COLOR: "", FORCE_COLOR: "0" }, false, false],
  [{ NO_COLOR: "", TERM: "dumb" }, false, false],
])("colors with %o: on a terminal %s, in a pipe %s", (environment, onTerminal, inPipe) => {
  delete process.env["FORCE_COLOR"];
  setEnvironment(environment);
  expect([hasColors(TERMINAL), hasColors({})]).toEqual([onTerminal, inPipe]);
  colors.mode = "always";
  expect([hasColors(TERMINAL), hasColors({})]).toEqual([true, true]);
  colors.mode = "never";
  expect([hasColors(TERMINAL), hasColors({})]).toEqual([false, false]);
});

test("lines are redrawn only on a terminal with controls", () => {
  setEnvironment({ NO_COLOR: "", TERM: "xterm" });
  expect([canRedraw(TERMINAL), canRedraw({})]).toEqual([true, false]);
  setEnvironment({ TERM: "dumb" });
  expect(canRedraw(TERMINAL)).toBe(false);
});

test("--color works before and after the command, and paints the same meaning alike", () => {
  colors.mode = "always";
  const heading = paintFor({})("title", "unknown-setting");
  for (const args of [
    ["--color", "always", "explain", "unknown-setting"],
    ["explain", "unknown-setting", "--color", "always"],
  ])
    expect(run(args).stdout).toContain(heading);
  expect(run(["explain", "unknown-setting"]).stdout).not.toContain("\u001b");
  expect(run(["explain", "unknown-setting", "--color", "sometimes"]).status).toBe(2);
});

test("lines for a terminal have at most 80 columns, lines for a pipe any number", () => {
  expect([widthOf(TERMINAL), widthOf({ isTTY: true, columns: 200 }), widthOf({})]).toEqual([60, 80, Infinity]);
  expect(wrap("one two three", "  ", 9)).toEqual(["one two", "  three"]);
  expect(wrap("  one two", "", 9)).toEqual(["  one two"]);
  expect(wrap("  one two three", "    ", 9)).toEqual(["  one two", "    three"]);
  expect(wrap(`a ${"x".repeat(20)}`, "", 9)).toEqual(["a", "x".repeat(20)]);
});
