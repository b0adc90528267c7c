import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { flatTar } from "../../src/image/flat-tar.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-flat-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A layer that GNU tar makes of a script's files, in small pieces that split entries. */
let count = 0;
function layer(script: string) {
  const at = join(folder, `layer-${count++}`);
  mkdirSync(at);
  execFileSync("sh", ["-ec", script], { cwd: at });
  const tar = execFileSync("tar", ["-C", at, "--sort=name", "--numeric-owner", "-cf", "-", "."]);
  return async function* () {
    for (let from = 0; from < tar.length; from += 700) yield Uint8Array.from(tar.subarray(from, from + 700));
  };
}

async function flattened(...scripts: string[]) {
  const pieces: Buffer[] = [];
  const left: number[] = [];
  for await (const piece of flatTar(scripts.map(layer), (n) => left.push(n))) pieces.push(Buffer.from(piece));
  const at = join(folder, `flat-${count++}`);
  mkdirSync(at);
  writeFileSync(`${at}.tar`, Buffer.concat(pieces));
  execFileSync("tar", ["-C", at, "-xpf", `${at}.tar`]);
  const found = execFileSync("find", [".", "-mindepth", "1", "-printf", "%P %y %m %l\n"], { cwd: at }).toString();
  return {
    at,
    left,
    found: found
      .trim()
      .split("\n")
      .map((line) => line.trim())
      .toSorted(),
  };
}

test("whiteouts remove files, the later layer wins, and links stay links", async () => {
  const { at, found, left } = await flattened(
    "umask 022; mkdir -p a/b c; echo one > a/x; echo gone > a/gone; echo deep > a/b/deep; echo same > c/first; ln c/first c/second; ln -s ../a c/link; mkfifo pipe",
    "umask 022; mkdir -p a/b; echo two > a/x; chmod 4750 a/x; : > a/.wh.gone; : > a/b/.wh..wh..opq; echo new > a/b/new; chmod 700 a",
    "umask 022; mkdir c; echo other > c/first",
  );
  expect(found).toEqual([
    "a d 700",
    "a/b d 755",
    "a/b/new f 644",
    "a/x f 4750",
    "c d 755",
    "c/first f 644",
    "c/link l 777 ../a",
    "c/second f 644",
  ]);
  expect(["a/x", "c/first", "c/second"].map((name) => readFileSync(join(at, name), "utf8"))).toEqual([
    "two\n",
    "other\n",
    "same\n",
  ]);
  expect(left).toEqual([1]);
});

test("a file with several names is written once", async () => {
  const { at } = await flattened("echo same > a; ln a b; mkdir d; ln a d/c", "rm -f x; : > .wh.a");
  expect(statSync(join(at, "b")).ino).toBe(statSync(join(at, "d/c")).ino);
  expect(statSync(join(at, "b")).nlink).toBe(2);
  expect(readFileSync(join(at, "d/c"), "utf8")).toBe("same\n");
});
