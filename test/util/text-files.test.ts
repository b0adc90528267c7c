import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createText, readSource, readText, replaceText } from "../../src/util/text-files.ts";
import { EXIT } from "../../src/util/errors.ts";
import { folder } from "../e2e/tools.ts";

/** A file with a text. */
function file(text: string | Buffer = "before"): string {
  const path = join(folder(), "a");
  writeFileSync(path, text);
  return path;
}

test("text that is not UTF-8 is refused, and replaced in descriptions", () => {
  const latin = file(Buffer.from([0x63, 0xe9]));
  expect(() => readText(latin)).toThrow("is not UTF-8 text");
  expect(readSource(latin)).toBe("c\ufffd");
  expect(readText(file("\ufeffcafé"))).toBe("\ufeffcafé");
  expect(() => readText("/nowhere/a")).toThrow(expect.objectContaining({ exitCode: EXIT.usage }) as Error);
  expect(() => readSource("/nowhere/a")).toThrow("/nowhere/a");
});

test("a new file is made whole; an existing one stays", () => {
  const path = join(folder(), "new");
  createText(path, "text");
  expect(readFileSync(path, "utf8")).toBe("text");
  expect(() => createText(path, "other")).toThrow("cannot write");
  expect(readFileSync(path, "utf8")).toBe("text");
  expect(readdirSync(join(path, ".."))).toEqual(["new"]);
});

test("replacing keeps the mode, and follows links", () => {
  const path = file();
  chmodSync(path, 0o640);
  const link = join(path, "../link");
  symlinkSync("a", link);
  function* pieces(): Generator<string> {
    yield "one ";
    yield "two";
  }
  replaceText(link, pieces());
  expect(readFileSync(path, "utf8")).toBe("one two");
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test.runIf(process.getuid?.() === 0)("root keeps the owner, and a mode with a set-id bit", () => {
  const path = file();
  chownSync(path, 12, 34);
  chmodSync(path, 0o2644);
  replaceText(path, "after");
  expect(readFileSync(path, "utf8")).toBe("after");
  const { uid, gid, mode } = statSync(path);
  expect([uid, gid, mode & 0o7777]).toEqual([12, 34, 0o2644]);
});

test("a file with several names keeps them, also when it becomes shorter", () => {
  const path = file("a long text");
  const other = join(path, "../other");
  linkSync(path, other);
  replaceText(path, "short");
  expect(readFileSync(other, "utf8")).toBe("short");
  expect(statSync(path).ino).toBe(statSync(other).ino);
});

test("a read-only file is refused, by root as well", () => {
  const path = file();
  chmodSync(path, 0o444);
  expect(() => replaceText(path, "after")).toThrow("read-only");
  expect(readFileSync(path, "utf8")).toBe("before");
});

test("a failure leaves the old text and no temporary file", () => {
  const path = file();
  function* failing(): Generator<string> {
    yield "half";
    throw new Error("no more");
  }
  expect(() => replaceText(path, failing())).toThrow("no more");
  expect(readFileSync(path, "utf8")).toBe("before");
  expect(readdirSync(join(path, ".."))).toEqual(["a"]);
});
