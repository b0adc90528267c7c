import { expect, test } from "vitest";
import { checkExpectedRuns } from "../../src/expect/run.ts";
import { ToolError } from "../../src/util/run-tool.ts";
import { folder } from "../e2e/tools.ts";
import { fakeTool } from "../fake-tool.ts";
import { makeImage } from "../serve/image.ts";

/** A fake podman that runs the container's command on this machine. */
function fakePodman(): void {
  fakeTool(
    "podman",
    `
const { spawn } = require("node:child_process");
if (args[0] === "kill") process.kill(Number(fs.readFileSync(at + "/pid", "utf8")), "SIGKILL");
if (args[0] === "--log-level") {
  // The health check of an image would run beside the command.
  if (!args.includes("--no-healthcheck")) process.exit(125);
  const entrypoint = args.indexOf("--entrypoint");
  const child = spawn(args[entrypoint + 1], args.slice(entrypoint + 3), { stdio: "inherit" });
  if (child.pid !== undefined) fs.writeFileSync(at + "/pid", String(child.pid));
  child.on("error", () => process.exit(125));
  child.on("exit", (code) => process.exit(code ?? 137));
}
`,
  );
}

const image = () => makeImage(folder(), "trial", { layers: { app: "data" } });
const trial = (script: string, exit = 0, stdout: string | null = null) => ({
  command: ["sh", "-c", script],
  exit,
  stdout,
});

test("a command with the expected exit code and output is not a finding", async () => {
  fakePodman();
  expect(await checkExpectedRuns(await image(), [trial("echo hi", 0, "hi\n"), trial("exit 3", 3)])).toEqual([]);
});

test("another exit code and another output are findings, with the command's output", async () => {
  fakePodman();
  const found = await checkExpectedRuns(await image(), [trial("echo broken >&2; exit 2"), trial("echo ho", 0, "hi\n")]);
  expect(found).toHaveLength(2);
  expect(found[0]).toMatch(/^expect run sh -c .*exit 2.*\b2\b.*\b0\b.*broken/);
  expect(found[1]).toMatch(/"ho\\n".*"hi\\n"/);
});

test("a command that does not end is stopped", async () => {
  fakePodman();
  const found = await checkExpectedRuns(await image(), [trial("exec sleep 60")], { limit: 300 });
  expect(found.join()).toContain("0.3 s");
});

test("the failure of an engine is an error, not a finding", async () => {
  fakePodman();
  const broken = { command: ["/nowhere/program"], exit: 0, stdout: null };
  await expect(checkExpectedRuns(await image(), [broken])).rejects.toThrow(ToolError);
});
