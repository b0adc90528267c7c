import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { compileFile } from "../../src/app/compile.ts";
import { flakeCaches, flakeNotes } from "../../src/app/flake-caches.ts";
import { writeAsFlake, writePortable } from "../../src/app/write-expression.ts";
import { files } from "../e2e/tools.ts";
import { collector } from "./collector.ts";

const NONE = { store: null, binaryCache: null, push: null };
const CACHE = { folder: "/c", compression: "zstd", keep: null, maxSize: null };

test("caches of several images are listed once", () => {
  expect(flakeCaches([NONE])).toEqual({ substituters: [], hook: undefined });
  const both = flakeCaches([
    { ...NONE, binaryCache: CACHE },
    { ...NONE, binaryCache: CACHE, push: "s3://bucket" },
  ]);
  expect(both.substituters).toEqual(["file:///c?trusted=1&priority=10", "s3://bucket"]);
  expect(both.hook).toContain("for target in 'file:///c?compression=zstd' 's3://bucket'; do");
});

test("notes name the settings that a flake cannot apply", () => {
  expect(flakeNotes([NONE])).toEqual([]);
  expect(flakeNotes([{ ...NONE, store: "/s" }])).toEqual([expect.stringContaining("nix build --store /s")]);
  expect(flakeNotes([{ ...NONE, binaryCache: { ...CACHE, maxSize: 1 } }])).toEqual([
    expect.stringContaining("--accept-flake-config"),
    expect.stringContaining("`keep` and `max-size`"),
  ]);
});

test("a file to commit has relative paths; other paths are noted", () => {
  const file = files({
    "a.imgspec": 'image "a" { files { "/src" copy ./src "/hosts" copy /etc/hosts } }',
    "src/x": "",
  });
  const output = join(dirname(file), "nix/a.nix");
  mkdirSync(dirname(output));
  const notes = writePortable(compileFile(file, {}, collector().reporter), file, output);
  expect(notes).toEqual([`${output} has the absolute path /etc/hosts, which other machines may lack`]);
  expect(readFileSync(output, "utf8")).toContain("../src");
});

test("a flake contains the copied files, and its notes are returned", () => {
  const text = 'image "a" { files { "/src" copy ./src } cache { store "./store" } }';
  const file = files({ "a.imgspec": text, "src/x": "" });
  const to = join(dirname(file), "flake");
  const notes = writeAsFlake(compileFile(file, {}, collector().reporter), {}, to);
  expect(notes).toEqual([expect.stringContaining("a flake cannot set `store`")]);
  expect(existsSync(join(to, "flake.nix"))).toBe(true);
});

test("the commands in the heading of a file quote its name", () => {
  const file = files({ "a b.imgspec": 'image "a" { }' });
  const output = join(dirname(file), "$(x).nix");
  writePortable(compileFile(file, {}, collector().reporter), file, output);
  const text = readFileSync(output, "utf8");
  expect(text).toContain("#   imgc compile 'a b.imgspec' -o '$(x).nix'\n");
  expect(text).toContain("#   nix build -f '$(x).nix' -I imgc=");
});
