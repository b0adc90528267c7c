/** The moving status of builds and pushes, on a terminal and in a pipe. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BuildProgress } from "../../../src/cli/terminal/build-progress.ts";
import { LayerProgress } from "../../../src/cli/terminal/layer-progress.ts";
import { writeAbove } from "../../../src/cli/terminal/screen.ts";
import { StatusLine } from "../../../src/cli/terminal/status-line.ts";
import { hashingPhase } from "../../../src/layer/hashing.ts";
import type { LayerBlob } from "../../../src/serve/layer-blob.ts";
import { folder } from "../../e2e/tools.ts";
import { setEnvironment } from "../../fake-tool.ts";
import { FakeTerminal } from "./fake-terminal.ts";

beforeEach(() => {
  vi.useFakeTimers();
  setEnvironment({ NO_COLOR: "", TERM: "xterm" });
});
afterEach(() => void vi.useRealTimers());

const drv = (name: string) => `/nix/store/${"0".repeat(32)}-${name}.drv`;
const hashing = (label: string, bytes: number) => hashingPhase({ label, layer: 1, of: 1, bytes });

/** Builds an image with a kept layer, a layer of 2 MB and a pack of three layers; `at` is called in the middle. */
function build(progress: BuildProgress, at: () => void): void {
  const store = folder();
  writeFileSync(join(store, "kept"), "");
  const output = (name: string) => join(store, name);
  progress.on({ kind: "count", id: 1, of: "builds" });
  progress.on({ kind: "progress", id: 1, done: 0, expected: 4 });
  progress.layers(["kept", "app", "pack"].map((name) => ({ derivation: drv(name), output: output(name) })));
  progress.on({ kind: "build", id: 2, derivation: drv("python3"), machine: "" });
  progress.on({ kind: "phase", id: 2, phase: "buildPhase" });
  progress.on({ kind: "build", id: 3, derivation: drv("app"), machine: "ssh://far" });
  progress.on({ kind: "build", id: 4, derivation: drv("pack"), machine: "" });
  progress.on({ kind: "phase", id: 3, phase: hashing("app", 2_000_000) });
  progress.on({ kind: "phase", id: 4, phase: hashingPhase({ label: "auto", layer: 2, of: 3, bytes: 500_000 }) });
  vi.advanceTimersByTime(3000);
  at();
  mkdirSync(join(store, "pack/layers"), { recursive: true });
  for (const name of ["0", "1", "2"]) writeFileSync(join(store, "pack/layers", name), "");
  for (const id of [2, 3, 4]) progress.on({ kind: "stop", id });
  progress.on({ kind: "progress", id: 1, done: 4, expected: 4 });
  vi.advanceTimersByTime(1000);
}

test("a build shows layers, hashed bytes, builds and the time, and only long builds of packages leave a line", () => {
  const terminal = new FakeTerminal();
  const progress = new BuildProgress(terminal);
  vi.advanceTimersByTime(1000);
  expect(terminal.lines).toEqual(["evaluating  1.0 s"]);
  build(progress, () =>
    expect(terminal.lines).toEqual([
      "2 of 5 layers, 2.5 MB hashed, 0 of 4 builds  4.0 s",
      "  building python3 (buildPhase)  3.0 s",
      "  hashing app, 2.0 MB  3.0 s",
      "  hashing auto, layer 2 of 3, 500.0 kB  3.0 s",
    ]),
  );
  expect(terminal.lines).toEqual(["built python3: 3.0 s", "5 of 5 layers, 2.5 MB hashed, 4 of 4 builds  5.0 s"]);
  progress[Symbol.dispose]();
  expect(terminal.lines).toEqual(["built python3: 3.0 s"]);
});

test.each([
  ["in a pipe", { isTTY: false }, {}, ""],
  ["with NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, "built python3: 3.0 s\n"],
  ["on a terminal without controls", { isTTY: true }, { TERM: "dumb" }, "built python3: 3.0 s\n"],
])("%s, nothing moves", (_, options, environment, lines) => {
  setEnvironment(environment);
  const terminal = new FakeTerminal(options);
  build(new BuildProgress(terminal), () => expect(terminal.written).toBe(""));
  expect(terminal.written).toBe(lines);
});

test("many activities take few lines, none wider than the terminal", () => {
  const terminal = new FakeTerminal({ columns: 40 });
  const progress = new BuildProgress(terminal);
  for (let id = 0; id < 30; id++)
    progress.on({ kind: "fetch", id, path: `/nix/store/${"0".repeat(32)}-${"long-name-".repeat(9)}${id}` });
  vi.advanceTimersByTime(1000);
  expect(terminal.lines).toHaveLength(6);
  expect(terminal.lines.at(-1)).toBe("  and 26 more");
  for (const line of terminal.lines) expect(line.length).toBeLessThan(40);
});

test("a push shows one line that moves", () => {
  const terminal = new FakeTerminal();
  const progress = new LayerProgress(terminal);
  const blob = (digest: string, size: number) => ({ digest, title: `layer ${digest} (auto)`, size }) as LayerBlob;
  progress.on({ kind: "asked", blob: blob("1", 3_000_000) });
  progress.on({ kind: "asked", blob: blob("2", 9_000_000) });
  progress.on({ kind: "sent", blob: blob("1", 3_000_000), bytes: 1_000_000 });
  vi.advanceTimersByTime(1000);
  expect(terminal.lines).toEqual(["0 layers sent, 1.0 MB, layer 1 (auto): 1.0 MB of 3.0 MB, 1 more  1.0 s"]);
  progress.on({ kind: "done", blob: blob("1", 3_000_000) });
  vi.advanceTimersByTime(1000);
  expect(terminal.lines).toEqual(["1 layer sent, 3.0 MB, layer 2 (auto): 0 B of 9.0 MB  2.0 s"]);
  progress.line("done");
  progress[Symbol.dispose]();
  expect(terminal.lines).toEqual(["done"]);
  expect(progress.total).toEqual({ layers: 1, bytes: 3_000_000 });
});

test("text for standard output goes above the status", () => {
  const terminal = new FakeTerminal();
  using status = new StatusLine(terminal, "sending");
  vi.advanceTimersByTime(1000);
  writeAbove(terminal, "shop/api@sha256:0\n");
  expect(terminal.lines).toEqual(["shop/api@sha256:0"]);
  vi.advanceTimersByTime(1000);
  status.show("sending");
  expect(terminal.lines).toEqual(["shop/api@sha256:0", "sending  2.0 s"]);
});

test("work of less than half a second shows no status", () => {
  const terminal = new FakeTerminal();
  const status = new StatusLine(terminal, "reading");
  status.show("reading layer 1");
  vi.advanceTimersByTime(300);
  expect(terminal.written).toBe("");
  vi.advanceTimersByTime(700);
  expect(terminal.lines).toEqual(["reading layer 1  1.0 s"]);
  status[Symbol.dispose]();
  expect(terminal.lines).toEqual([]);
});
