import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { runTool, ToolError } from "../../src/util/run-tool.ts";
import { EXIT } from "../../src/util/errors.ts";
import { folder } from "../e2e/tools.ts";
import { fakeTool } from "../fake-tool.ts";

test("returns standard output, reports lines, and passes input and environment", async () => {
  fakeTool(
    "tool",
    `
process.stderr.write("one\\ntwo");
process.stdout.write(args.join(" ") + process.env.IMGC_TEST + "\\n");
process.stdin.pipe(process.stdout);
`,
  );
  const lines: string[] = [];
  const errors: string[] = [];
  const options = {
    env: { IMGC_TEST: "!" },
    input: "from input",
    onLine: (line: string) => lines.push(line),
    onErrorLine: (line: string) => errors.push(line),
  };
  expect(await runTool("tool", ["a", "b"], options)).toBe("a b!\nfrom input");
  expect(lines).toEqual(["a b!", "from input"]);
  expect(errors).toEqual(["one", "two"]);
});

test("a tool has its input before the caller returns to the event loop", async () => {
  const file = join(folder(), "input");
  fakeTool("tool", `process.stdin.pipe(require("node:fs").createWriteStream(${JSON.stringify(file)}));`);
  const running = runTool("tool", [], { input: "text" });
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const isWritten = () => existsSync(file) && readFileSync(file, "utf8") !== "";
  for (let i = 0; i < 500 && !isWritten(); i++) Atomics.wait(clock, 0, 0, 20);
  expect(readFileSync(file, "utf8")).toBe("text");
  await running;
});

test("a tool that reads no input is no failure", async () => {
  fakeTool("tool", "process.stdin.destroy();");
  expect(await runTool("tool", [], { input: "x".repeat(1 << 20) })).toBe("");
});

test.each([
  ["the last line", "first\\nlast\\n", "tool: last"],
  [
    "not the hint of a GNU tool",
    "tool: bad option\\nTry 'tool --help' for more information.\\n",
    "tool: tool: bad option",
  ],
  ["the message of a Go tool", 'time=x level=fatal msg="no \\\\"such\\\\" host"\\n', 'tool: no "such" host'],
])("a failure gives the reason: %s", async (_what, printed, message) => {
  fakeTool("tool", `process.stderr.write(\`${printed}\`); process.exitCode = 1;`);
  const failed = runTool("tool", []);
  await expect(failed).rejects.toThrow(ToolError);
  await expect(failed).rejects.toMatchObject({ message });
});

test("a missing tool is named, with the exit code of a failing environment", async () => {
  await expect(runTool("imgc-has-no-such-tool", [])).rejects.toMatchObject({
    message: expect.stringContaining("imgc-has-no-such-tool is not installed") as string,
    exitCode: EXIT.environment,
  });
});

test("an aborted tool is stopped, and waited for", async () => {
  const at = fakeTool(
    "tool",
    `
fs.writeFileSync(at + "/started", "");
process.on("SIGTERM", () => setTimeout(() => { fs.writeFileSync(at + "/ended", "in order"); process.exit(); }, 100));
setInterval(() => {}, 1000);
`,
  );
  const controller = new AbortController();
  const running = runTool("tool", [], { signal: controller.signal });
  while (!existsSync(join(at, "started"))) await sleep(20);
  // The handler is there right after.
  await sleep(50);
  controller.abort();
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(readFileSync(join(at, "ended"), "utf8")).toBe("in order");
});
