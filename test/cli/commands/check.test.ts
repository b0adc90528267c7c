import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, folder } from "../../e2e/tools.ts";
import { runHere } from "../run.ts";

const GOOD = 'image "a" {\n  packages [ hello ]\n}\n';
const BAD = 'image "a" {\n  pakages [ hello ]\n}\n';
const WARNS = `let unused = 1\n${GOOD}`;

test("checks files, folders and standard input; a mistake in a file imported twice is shown once", async () => {
  const cwd = folder();
  files({ "good.imgspec": GOOD, "sub/bad.imgspec": BAD, "node_modules/x.imgspec": BAD, "readme.md": "" }, cwd);
  files(
    { "one.imgspec": 'import ./c.imgspec\nimage "b" { }', "two.imgspec": 'import ./c.imgspec\nimage "b" { }' },
    cwd,
  );
  files({ "c.imgspec": 'image "common" { tga "v1" }' }, cwd);
  expect(await runHere(["check", "."], { cwd })).toEqual({
    status: 1,
    stderr: "",
    stdout: [
      "c.imgspec:1:18: error: `tga` is not a setting of `image`; did you mean `tag`? [unknown-setting]",
      "sub/bad.imgspec:2:3: error: `pakages` is not a setting of `image`; did you mean `packages`? [unknown-setting]",
      "",
    ].join("\n"),
  });
  expect(await runHere(["check", "good.imgspec"], { cwd })).toEqual({ status: 0, stdout: "", stderr: "" });
  const input = 'import ./c.imgspec\nimage "b" { base image "commo" }';
  const piped = await runHere(["check", "-", "--stdin-filepath", "sub/../in.imgspec"], { cwd, input });
  expect(piped.stdout).toContain("in.imgspec:2:24: error: no image in this file");
  expect(piped.stdout).toContain("c.imgspec:1:18: error");
});

test("a file that cannot be read keeps no other file from being checked", async () => {
  const cwd = folder();
  files({ "bad.imgspec": BAD, "locked.imgspec": GOOD, "shut/x.imgspec": GOOD }, cwd);
  writeFileSync(Buffer.from(`${cwd}/\xff.imgspec`, "latin1"), BAD);
  for (const name of ["locked.imgspec", "shut"]) chmodSync(join(cwd, name), 0);
  symlinkSync("nowhere", join(cwd, "dangling.imgspec"));
  const { status, stdout, stderr } = await runHere(["check", "."], { cwd });
  chmodSync(join(cwd, "shut"), 0o755);
  expect({ status, stdout }).toEqual({ status: 2, stdout: expect.stringMatching(/^bad\.imgspec:2:3: error.*\n$/) });
  // root reads every file.
  const unreadable = process.getuid?.() === 0 ? [] : ["cannot read shut: EACCES", "cannot read locked.imgspec: EACCES"];
  for (const line of [String.raw`the name of the file \xff.imgspec is not UTF-8: rename the file`, ...unreadable])
    expect(stderr).toContain(line);
});

test("missing files and invalid options are wrong usage", async () => {
  const cwd = folder();
  expect(await runHere(["check", "nowhere.imgspec"], { cwd })).toMatchObject({ status: 2, stdout: "" });
  expect((await runHere(["check", "."], { cwd })).stderr).toContain("no .imgspec file in .");
  expect((await runHere(["check", "--format", "xml", "."], { cwd })).status).toBe(2);
  expect((await runHere(["check", "--max-diagnostics", "many", "."], { cwd })).status).toBe(2);
});

test("warnings fail only with --deny-warnings", async () => {
  const cwd = folder();
  files({ "a.imgspec": WARNS }, cwd);
  expect(await runHere(["check", "a.imgspec"], { cwd })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("a.imgspec:1:5: warning:") as string,
  });
  expect((await runHere(["check", "--deny-warnings", "a.imgspec"], { cwd })).status).toBe(1);
});

test("--max-diagnostics limits the output, and the rest is counted", async () => {
  const cwd = folder();
  files({ "a.imgspec": "}\n".repeat(20) }, cwd);
  const { status, stdout, stderr } = await runHere(["check", "--max-diagnostics", "3", "a.imgspec"], { cwd });
  expect({ status, lines: stdout.trim().split("\n").length, stderr }).toEqual({
    status: 1,
    lines: 3,
    stderr: "\n20 errors in 1 file; 17 not shown\n",
  });
});

test("explain shows a page, lists all codes, and suggests similar codes", async () => {
  expect((await runHere(["explain", "cycle"])).stdout).toMatch(/^cycle \(error\)\n[^]*\nWrong\n[^]*\nRight\n/);
  expect((await runHere(["explain"])).stdout).toContain("unknown-setting");
  expect(await runHere(["explain", "cicle"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("`cycle`?") as string,
  });
});

test("compile takes --set, --image, --nixpkgs and -o", async () => {
  const cwd = folder();
  const text = [
    "param release",
    "param most = 100",
    "param room = 1MiB",
    'image "shop/base" { }',
    'image "shop/api" { tag "v${$release}" base image "shop/base" layers { max $most } expect { size <= $room } }',
    'image "other" { }',
  ];
  files({ "a.imgspec": text.join("\n") }, cwd);
  const given = ["--set", "release=2.3.0", "--set", "room=2KiB", "--image", "shop/api", "--nixpkgs", "/usr"];
  const { status, stdout } = await runHere(["compile", "a.imgspec", ...given], { cwd });
  expect(status).toBe(0);
  expect(stdout).toContain("pkgs ? import /usr { },");
  expect(stdout).toContain('release ? "2.3.0",\n  most ? 100,\n  room ? 2048,\n');
  expect(stdout).not.toContain("other");
  for (const [path, reason] of [
    ["/nowhere", "It does not exist."],
    ["github:NixOS/nixpkgs", 'write `nixpkgs "github:NixOS/nixpkgs"` into the description'],
  ] as const)
    expect(await runHere(["compile", "a.imgspec", "--nixpkgs", path], { cwd })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(reason) as string,
    });

  const written = await runHere(["compile", "a.imgspec", ...given, "-o", "out.nix"], { cwd });
  expect(written).toEqual({
    status: 0,
    stdout: "",
    stderr: "imgc: out.nix has the absolute path /usr, which other machines may lack\n",
  });
  const [comment, code] = readFileSync(join(cwd, "out.nix"), "utf8").split(/^(?=\{$)/m);
  expect(comment).toMatch(/^(#.*\n)+$/);
  expect(comment).toContain("nix build -f out.nix -I imgc=");
  const portable = stdout
    .replace(
      "  pkgs ? import /usr { },",
      "  system ? builtins.currentSystem,\n  pkgs ? import /usr { inherit system; },",
    )
    .replace(/imgc \? .*/, "imgc ? import <imgc/nix> { inherit pkgs; },");
  expect(code).toBe(portable);

  const wrong = async (...args: string[]) => await runHere(["compile", "a.imgspec", ...args], { cwd });
  expect(await wrong("--set", "relese=1")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("`release`?") as string,
  });
  expect(await wrong("--set", "room=2")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("size") as string,
  });
  expect(await wrong("--set", "room")).toMatchObject({ status: 2 });
  expect(await wrong("--image", "shop/apo")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("shop/api") as string,
  });
  expect(await wrong("-o", "no/such/folder/x.nix")).toMatchObject({ status: 3 });
  // A value is checked like a value in the file.
  expect(await wrong("--set", "release=a b")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("bad-tag") as string,
  });
  expect(await wrong("--set", "most=449")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("out-of-range") as string,
  });
  expect(existsSync(join(cwd, "no"))).toBe(false);
});

test("check --set checks the values; each file must have the parameter", async () => {
  const cwd = folder();
  const text = 'param n = 3\nparam room = 1MiB\nimage "a" { layers { max $n } expect { size <= $room } }\n';
  files({ "a.imgspec": text }, cwd);
  const check = async (...given: string[]) =>
    await runHere(["check", ...given.flatMap((each) => ["--set", each]), "a.imgspec"], { cwd });
  expect(await check("n=100", "room=2GiB")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(await check("n=9007199254740993")).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^a\.imgspec:1:7: error: .*9007199254740993.*\[out-of-range\]$/m) as string,
  });
  expect(await check("n=500")).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("[out-of-range]") as string,
  });
  expect(await check("room=9007199254740992TiB")).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("[out-of-range]") as string,
  });
  expect(await check("m=1")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("no parameter `m`") as string,
  });
  expect(await check("n=x")).toMatchObject({ status: 2, stderr: expect.stringContaining("integer") as string });
  expect(await runHere(["compile", "a.imgspec", "--set", "n=9007199254740993"], { cwd })).toMatchObject({
    status: 1,
    stdout: "",
  });
});

test("compile reports an unpinned reference at its place", async () => {
  const cwd = folder();
  files(
    {
      "errors.imgspec": readFileSync(join(import.meta.dirname, "../../diagnostics/errors/not-pinned.imgspec"), "utf8"),
    },
    cwd,
  );
  const { status, stdout, stderr } = await runHere(["compile", "errors.imgspec"], { cwd });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain("errors.imgspec:4:3: error: `registry.example.org/base:1` is not pinned");
});
