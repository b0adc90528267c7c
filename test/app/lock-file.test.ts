import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLock } from "../../src/app/lock-file.ts";
import { EMPTY_LOCK, printLock } from "../../src/lock/lock-file.ts";
import { EXIT } from "../../src/util/errors.ts";
import { folder } from "../e2e/tools.ts";

test("without a lock file nothing is pinned; a folder in its place is a problem of the machine", () => {
  const at = folder();
  const spec = join(at, "a.imgspec");
  expect(readLock(spec)).toEqual(EMPTY_LOCK);
  mkdirSync(join(at, "imgc.lock"));
  const message = expect.stringContaining("imgc.lock is not a file; move it away") as string;
  expect(() => readLock(spec)).toThrow(expect.objectContaining({ exitCode: EXIT.environment, message }));
});

test("a lock is read again if its text changed, and a problem is noted in each reading", () => {
  const at = folder();
  const [spec, path] = [join(at, "a.imgspec"), join(at, "imgc.lock")];
  const first = { ...EMPTY_LOCK, layers: { app: { rebuilds: 0, contents: {}, packages: { libc: "layer 1" } } } };
  writeFileSync(path, printLock(first));
  expect([readLock(spec), readLock(spec)]).toEqual([first, first]);
  writeFileSync(path, printLock(EMPTY_LOCK));
  expect(readLock(spec)).toEqual(EMPTY_LOCK);
  writeFileSync(path, printLock(first).replace(/^ *"libc"/m, '<<<<<<< ours\n"libc"'));
  const notes: string[] = [];
  for (let i = 0; i < 2; i++) expect(readLock(spec, (note) => notes.push(note))).toEqual(first);
  expect(notes).toHaveLength(2);
});
