import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, IMGC } from "../e2e/tools.ts";
import { run } from "./run.ts";

/** `command` as bash runs it, with `imgc` as a function. */
function bash(command: string): { status: number | null; stderr: string } {
  const script = `imgc() { '${process.execPath}' '${IMGC}' "$@"; }\n${command}`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
}

test("a closed pipe ends the command silently, as SIGPIPE does", () => {
  expect(bash("imgc schema | true; exit ${PIPESTATUS[0]}")).toMatchObject({ status: 141, stderr: "" });
});

test.each([["sbom"], ["plan"], ["export", "--to", "tar", "-o", "/nowhere/x"]])(
  "%s refuses --image if its argument is not an .imgspec file",
  (...command) => {
    const at = folder();
    const { status, stderr } = run([...command, at, "--image", "shop/api"]);
    expect([status, stderr]).toEqual([2, `imgc: --image needs an .imgspec file, but ${at} is not one; omit --image\n`]);
  },
);

test("a full disk behind standard output is an error", () => {
  const { status, stderr } = bash("imgc schema > /dev/full");
  expect(status).toBe(3);
  expect(stderr).toBe("imgc: cannot write the output: ENOSPC: no space left on device, write\n");
});

test("an output that is a device or a pipe is written into, not replaced", () => {
  const { status, stderr } = bash("imgc compile -o /dev/full <(echo 'image \"a\" { }'); exit $?");
  expect(stderr).toMatch(/cannot write \/dev\/full: ENOSPC/);
  expect(status).toBe(3);
  expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  const there = folder();
  const piped = bash(
    `cd ${there}; echo 'image "a" { }' > a.imgspec; mkfifo pipe; cat pipe > text & imgc compile -o pipe a.imgspec; wait`,
  );
  expect(piped).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync(join(there, "text"), "utf8")).toContain("import <nixpkgs>");
  expect(statSync(join(there, "pipe")).isFIFO()).toBe(true);
});

test("without a temporary folder, commands that need none work, and others say so", () => {
  expect(bash("TMPDIR=/proc/nowhere imgc version")).toMatchObject({ status: 0, stderr: "" });
  const make = "cd $(mktemp -d); echo > a; tar czf image.tar.gz a";
  const { status, stderr } = bash(
    `${make}; TMPDIR=/proc/nowhere imgc verify image.tar.gz; code=$?; rm -r $PWD; exit $code`,
  );
  expect(stderr).toMatch(/^imgc: cannot make a folder in \/proc\/nowhere: .* \(TMPDIR sets another folder/);
  expect(status).toBe(3);
});

test("a deleted current folder is an error of the environment", () => {
  const { status, stderr } = bash("cd $(mktemp -d); rmdir $PWD; imgc init");
  expect({ status, stderr }).toEqual({
    status: 3,
    stderr: "imgc: the current folder was deleted; run imgc in another folder\n",
  });
});

test("a full temporary folder is an error of the environment, not a finding", () => {
  const script = "cd $(mktemp -d); head -c 100000 /dev/zero > a; tar czf image.tar.gz a; trap '' XFSZ; ulimit -f 10";
  const { status, stderr } = bash(`${script}; imgc verify image.tar.gz; code=$?; rm -r $PWD; exit $code`);
  expect(stderr).toMatch(
    /^imgc: EFBIG: file too large, write \(temporary files are in \S+; TMPDIR sets another folder\)\n$/,
  );
  expect(status).toBe(3);
});
