import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { IMGC } from "../e2e/tools.ts";
import { run } from "./run.ts";

/** `command` as bash runs it, with `imgc` as a function. */
function bash(command: string): { status: number | null; stderr: string } {
  const script = `imgc() { '${process.execPath}' '${IMGC}' "$@"; }\n${command}`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
}

test("a reader that has seen enough ends the command as SIGPIPE would, without a word", () => {
  expect(bash("imgc schema | true; exit ${PIPESTATUS[0]}")).toMatchObject({ status: 141, stderr: "" });
});

test("a full disk under standard output is said, and is no success", () => {
  const { status, stderr } = bash("imgc schema > /dev/full");
  expect(status).toBe(3);
  expect(stderr).toBe("imgc: what it printed could not be written: ENOSPC: no space left on device, write\n");
});

test("the help of every command fits into 80 columns", () => {
  const { stdout } = run(["--help"]);
  const commands = Array.from(stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm), ([, name = ""]) => name);
  expect(commands).toContain("completion");
  for (const help of [stdout, ...commands.map((name) => run([name, "--help"]).stdout)]) {
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(help).not.toContain("[]");
  }
});
