import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, folder } from "../../e2e/tools.ts";
import { runHere } from "../run.ts";

const untidy = 'image "a" {\n tag    "v1" # first\n}\n';
const tidy = 'image "a" {\n  tag "v1"  # first\n}\n';
const broken = 'image "a" {\n   packages [ hello\n}\n';

test("formats a folder's files in place; files with syntax errors stay, with diagnostics", async () => {
  const cwd = folder();
  files({ "a.imgspec": untidy, "deep/er/b.imgspec": tidy, "broken.imgspec": broken, "a.txt": untidy }, cwd);
  files({ "node_modules/x.imgspec": untidy, ".hidden/x.imgspec": untidy }, cwd);
  const { status, stdout, stderr } = await runHere(["fmt"], { cwd });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^formatted a\.imgspec\nbroken\.imgspec:2:13: error: .* \[unclosed-bracket\]\n$/);
  const read = (name: string) => readFileSync(join(cwd, name), "utf8");
  expect(["a.imgspec", "broken.imgspec"].map(read)).toEqual([tidy, broken]);
  expect(["a.txt", "node_modules/x.imgspec", ".hidden/x.imgspec"].map(read)).toEqual([untidy, untidy, untidy]);
  expect(await runHere(["fmt", "a.imgspec", "deep"], { cwd })).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("a file that cannot be read or written keeps no other file from being formatted", async () => {
  const cwd = folder();
  files({ "a.imgspec": untidy, "z.imgspec": untidy }, cwd);
  writeFileSync(Buffer.from(`${cwd}/é\xff.imgspec`, "latin1"), untidy);
  chmodSync(join(cwd, "a.imgspec"), 0o444);
  expect(await runHere(["fmt", "."], { cwd })).toEqual({
    status: 3,
    stdout: "",
    stderr: [
      "formatted z.imgspec",
      String.raw`imgc: the name of the file \xe9\xff.imgspec is not UTF-8: rename the file`,
      "cannot write a.imgspec: it is read-only; `chmod u+w` it first",
      "",
    ].join("\n"),
  });
});

test("--check lists the files that would change and --diff shows the changes; neither writes", async () => {
  const cwd = folder();
  files({ "a.imgspec": untidy, "b.imgspec": tidy }, cwd);
  const check = await runHere(["fmt", "--check", "."], { cwd });
  expect(check).toMatchObject({ status: 1, stdout: "a.imgspec\n" });
  expect((await runHere(["fmt", "--check", "b.imgspec"], { cwd })).status).toBe(0);

  const diff = await runHere(["fmt", "--diff", "."], { cwd });
  expect(diff.status).toBe(1);
  expect(readFileSync(join(cwd, "a.imgspec"), "utf8")).toBe(untidy);
  expect(spawnSync("git", ["apply", "-"], { cwd, input: diff.stdout }).status).toBe(0);
  expect(readFileSync(join(cwd, "a.imgspec"), "utf8")).toBe(tidy);
});

test("a file in another language is reported and left alone", async () => {
  const cwd = folder();
  const texts = {
    "docker.imgspec": 'FROM debian\nRUN   apt-get update\nCMD ["bash"]\n',
    "compose.imgspec": "services:\n  web:\n    image: nginx\n",
    "json.imgspec": '{ "a":   1 }\n',
    "nix.imgspec": "let\n  x = 1;\nin\n  x\n",
    "toml.imgspec": 'name = "x"\n[a]\nb =   2\n',
  };
  files(texts, cwd);
  for (const [name, text] of Object.entries(texts)) {
    const { status, stdout, stderr } = await runHere(["fmt", "--check", name], { cwd });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^[\w.]+:1:1: error: this looks like .* \[other-language\]\n$/);
    expect((await runHere(["fmt", name], { cwd })).status).toBe(1);
    expect(readFileSync(join(cwd, name), "utf8")).toBe(text);
  }
});

test("the patch of a completely changed file applies as well", async () => {
  const cwd = folder();
  const lines = Array.from({ length: 3000 }, (_, index) => `      name${index} "value"`);
  const many = `image "a" {\n    config {\n    env {\n${lines.join("\n")}\n} } }`;
  files({ "a.imgspec": many }, cwd);
  const { stdout } = await runHere(["fmt", "--diff", "a.imgspec"], { cwd });
  expect(spawnSync("git", ["apply", "-"], { cwd, input: stdout }).status).toBe(0);
  expect((await runHere(["fmt", "--check", "a.imgspec"], { cwd })).status).toBe(0);
});

test("formats standard input to standard output; unchanged if it has a syntax error", async () => {
  expect(await runHere(["fmt", "-"], { input: untidy })).toEqual({ status: 0, stdout: tidy, stderr: "" });
  const wrong = await runHere(["fmt", "-", "--stdin-filepath", "x/y.imgspec"], { input: broken });
  expect(wrong).toMatchObject({ status: 1, stdout: broken });
  expect(wrong.stderr).toMatch(/^x\/y\.imgspec:2:13: error/);
  expect(await runHere(["fmt", "--check", "-"], { input: untidy })).toMatchObject({ status: 1, stdout: "stdin\n" });
});

test("a file keeps its mode, a link stays a link, and no temporary file is left", async () => {
  const cwd = folder();
  writeFileSync(join(cwd, "real"), untidy);
  chmodSync(join(cwd, "real"), 0o751);
  symlinkSync("real", join(cwd, "link.imgspec"));
  expect((await runHere(["fmt", "link.imgspec"], { cwd })).status).toBe(0);
  expect(readFileSync(join(cwd, "real"), "utf8")).toBe(tidy);
  expect(statSync(join(cwd, "real")).mode & 0o7777).toBe(0o751);
  expect(readdirSync(cwd)).toEqual(["link.imgspec", "real"]);
});

test("bytes that are not UTF-8 are reported at their place, and the file is not written", async () => {
  const cwd = folder();
  // A value with such bytes has no second diagnostic.
  const latin = Buffer.concat([Buffer.from('image "a" {\n  tag "'), Buffer.from([0xe9]), Buffer.from('"\n}\n')]);
  writeFileSync(join(cwd, "latin.imgspec"), latin);
  const finding = /^latin\.imgspec:2:8: error: these bytes are not UTF-8; .* \[not-utf-8\]\n$/;
  for (const args of [["fmt"], ["check"], ["check", "--fix"], ["compile"]]) {
    const { status, stdout, stderr } = await runHere([...args, "latin.imgspec"], { cwd });
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(finding);
    expect(readFileSync(join(cwd, "latin.imgspec")).equals(latin)).toBe(true);
  }
  const { stdout } = await runHere(["check", "--format", "json", "latin.imgspec"], { cwd });
  const place = { start: { line: 2, column: 8 }, end: { line: 2, column: 9 } };
  expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ code: "not-utf-8", range: place }] });
});

test("a file with hard links is written in place", async () => {
  const cwd = folder();
  writeFileSync(join(cwd, "a.imgspec"), untidy + untidy.replace("a", "b"));
  linkSync(join(cwd, "a.imgspec"), join(cwd, "other"));
  expect((await runHere(["fmt", "a.imgspec"], { cwd })).status).toBe(0);
  expect(readFileSync(join(cwd, "other"), "utf8")).toBe(readFileSync(join(cwd, "a.imgspec"), "utf8"));
  expect(statSync(join(cwd, "other")).nlink).toBe(2);
  expect((await runHere(["fmt", "--check", "a.imgspec"], { cwd })).status).toBe(0);
});

test("a read-only file is refused and unchanged, also for root", async () => {
  const cwd = folder();
  const file = join(cwd, "a.imgspec");
  writeFileSync(file, untidy);
  chmodSync(file, 0o444);
  const message = "imgc: cannot write a.imgspec: it is read-only; `chmod u+w` it first\n";
  expect(await runHere(["fmt", "a.imgspec"], { cwd })).toEqual({ status: 3, stdout: "", stderr: message });
  expect(readFileSync(file, "utf8")).toBe(untidy);
  expect(readdirSync(cwd)).toEqual(["a.imgspec"]);
});

test.runIf(process.geteuid?.() === 0)("a file keeps its owner and group", async () => {
  const cwd = folder();
  const file = join(cwd, "a.imgspec");
  writeFileSync(file, untidy);
  chmodSync(file, 0o640);
  chownSync(file, 12_345, 54_321);
  expect((await runHere(["fmt", "a.imgspec"], { cwd })).status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(tidy);
  const { uid, gid, mode } = statSync(file);
  expect([uid, gid, mode & 0o7777]).toEqual([12_345, 54_321, 0o640]);
});

test("wrong usage exits with 2 and a message of one line", async () => {
  const cwd = folder();
  mkdirSync(join(cwd, "empty"));
  const fmt = async (args: string[]) => await runHere(["fmt", ...args], { cwd });
  expect(await fmt(["nowhere"])).toEqual({ status: 2, stdout: "", stderr: "imgc: nowhere does not exist\n" });
  expect(await fmt(["empty"])).toMatchObject({ status: 2, stderr: "imgc: no .imgspec file in empty\n" });
  expect(await fmt(["-", "empty"])).toMatchObject({
    status: 2,
    stderr: "imgc: `-` cannot be combined with other paths\n",
  });
});
