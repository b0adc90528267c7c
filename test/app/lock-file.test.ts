import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLock } from "../../src/app/lock-file.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
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
