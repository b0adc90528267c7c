import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownBeside, ownFolder, ownPath } from "../../src/util/temporary.ts";

/** A process ID that no process can have. */
const DEAD = 2 ** 30;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("paths of dead processes are deleted; those of live processes and other names are kept", () => {
  const stay = [`.a.new-${process.ppid}`, `.a.new-x${DEAD}`, `.b.new-${DEAD}`, `x.a.new-${DEAD}`, `.a.new-${DEAD}x`];
  for (const name of [...stay, `.a.new-${DEAD}`]) writeFileSync(join(folder, name), "");
  mkdirSync(join(folder, `.a.new-${process.pid}/half`), { recursive: true });
  expect(ownPath(folder, ".a.new-")).toBe(join(folder, `.a.new-${process.pid}`));
  expect(readdirSync(folder).toSorted()).toEqual(stay.toSorted());
});

test("a new version of a file is written beside it, hidden", () => {
  writeFileSync(join(folder, `.a.txt.new-${DEAD}`), "half");
  expect(ownBeside(join(folder, "a.txt"))).toBe(join(folder, `.a.txt.new-${process.pid}`));
  expect(readdirSync(folder)).toEqual([]);
});

test("temporary folders are private and distinct", () => {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    mkdirSync(join(folder, `imgc-some-${DEAD}-aB3/sub`), { recursive: true });
    const folders = [ownFolder("imgc-some-"), ownFolder("imgc-some-")];
    expect(readdirSync(folder).toSorted()).toEqual(folders.map((path) => basename(path)).toSorted());
    for (const path of folders) expect(statSync(path).mode & 0o777).toBe(0o700);
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
});

test("a killed process's folder is kept while a tool still uses it", async () => {
  const left = join(folder, `imgc-some-${DEAD}-aB3`);
  mkdirSync(left);
  const user = spawn("tail", ["-f", "/dev/null", join(left, "file")], { stdio: "ignore" });
  await once(user, "spawn");
  expect(basename(ownPath(folder, "imgc-some-"))).toBe(`imgc-some-${process.pid}`);
  expect(readdirSync(folder)).toEqual([basename(left)]);
  user.kill("SIGKILL");
  await once(user, "close");
  ownPath(folder, "imgc-some-");
  expect(readdirSync(folder)).toEqual([]);
});
