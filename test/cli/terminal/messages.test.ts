import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BuildProgress } from "../../../src/cli/terminal/build-progress.ts";
import { IndexProgressLines } from "../../../src/cli/terminal/index-progress.ts";
import { FakeTerminal } from "./fake-terminal.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [false, ["a warning", "trace: x", "copied"]],
  [true, ["hello> line", "a warning", "trace: x", "copied"]],
])("warnings and traces of Nix are printed, but no errors; logs (%s) only on request", (logs, lines) => {
  const derivation = "/nix/store/00000000000000000000000000000000-hello.drv";
  const message = (level: number, text: string, raw?: string) =>
    ({ kind: "message", level, text, raw, place: undefined }) as const;
  const terminal = new FakeTerminal({ isTTY: false });
  const progress = new BuildProgress(terminal, { logs });
  progress.on({ kind: "build", id: 1, derivation, machine: "" });
  progress.on({ kind: "log", id: 1, line: "line" });
  progress.on(message(1, "a warning"));
  progress.on(message(0, "trace: x"));
  progress.on(message(0, `error: builder for ${derivation} failed`));
  progress.on(message(0, "error: bad", "bad"));
  progress.on(message(0, "of the error"));
  progress.on(message(5, "noise"));
  progress.line("copied");
  expect(terminal.lines).toEqual(lines);
});

test("a slow index of a package set is announced once", () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  {
    using lines = new IndexProgressLines();
    for (let known = 0; known < 4; known++) {
      lines.on(["python3Packages"], known, 10);
      vi.advanceTimersByTime(1500);
    }
  }
  write.mockRestore();
  expect(written.join("")).toBe(
    "imgc: indexing the 10 names of python3Packages with Nix; the index is kept for the next run\n",
  );
});
