import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { CompletionRequest, HoverRequest } from "vscode-languageserver/node";
import { Packages } from "../../src/packages/index.ts";
import { editorOfProcess } from "../lsp/editor.ts";
import { failure, files, folder, IMGC, tool } from "./tools.ts";

const PROGRAM = join(import.meta.dirname, "../../nix/package-names.nix");

const imgc = (args: string[], cache: string) => tool(process.execPath, [IMGC, ...args], { XDG_CACHE_HOME: cache });

/** Text with a mark, the position of the mark in it. */
function position(marked: string): { line: number; character: number } {
  const lines = marked.slice(0, marked.indexOf("¦")).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

test("names are indexed although some packages fail to evaluate", async () => {
  const cache = folder();
  vi.stubEnv("XDG_CACHE_HOME", cache);
  const whole = '{ name = "n-1.2"; type = "derivation"; meta.description = "what it is"; }';
  const expression = `{ a = throw "x"; b = abort "x"; c.d = ${whole}; e = 1 + "x"; f = ${whole} // { version = throw "x"; }; g = x: x; }`;
  const packages = new Packages(PROGRAM, expression);
  expect(packages.known([])).toBeUndefined();
  const names = [...(await packages.names([])).values()];
  expect(names.map(({ name, kind, version }) => [name, kind, version])).toEqual([
    ["a", "other", ""],
    ["b", "other", ""],
    ["c", "set", ""],
    ["e", "other", ""],
    ["f", "package", ""],
    ["g", "other", ""],
  ]);
  expect([...(await packages.names(["c"])).values()]).toEqual([
    { name: "d", kind: "package", version: "1.2", description: "what it is" },
  ]);
  const [identity = ""] = readdirSync(join(cache, "imgc/packages"));
  expect(readdirSync(join(cache, "imgc/packages", identity)).toSorted()).toEqual(["all.json", "c.json"]);
  // The cache is used: a name added to it is found.
  const file = join(cache, "imgc/packages", identity, "c.json");
  files({ "c.json": readFileSync(file, "utf8").replace('"d"', '"z"') }, dirname(file));
  expect([...(await new Packages(PROGRAM, expression).names(["c"])).keys()]).toEqual(["z"]);
  // A folder may have changed deep inside: the index is renewed before a name is reported as unknown.
  const set = files({ "default.nix": `{ }: import ./deep/set.nix`, "deep/set.nix": `{ d = ${whole}; }` });
  const first = new Packages(PROGRAM, `import ${dirname(set)} { }`);
  await first.names([]);
  expect(first.renew()).toBe(false);
  files({ "deep/set.nix": `{ e = ${whole}; }` }, dirname(set));
  const second = new Packages(PROGRAM, `import ${dirname(set)} { }`);
  expect([...(await second.names([])).keys()]).toEqual(["d"]);
  expect(second.renew()).toBe(true);
  expect(second.known([])).toBeUndefined();
  expect([...(await second.names([])).keys()]).toEqual(["e"]);

  // A damaged file is rebuilt.
  files({ "c.json": "{ half" }, dirname(file));
  expect([...(await new Packages(PROGRAM, expression).names(["c"])).keys()]).toEqual(["d"]);
});

/** Counts evaluations from now on: one line each in the returned file. */
function countEvaluations(): () => number {
  const bin = folder();
  const [script, log] = [join(bin, "nix-instantiate"), join(bin, "log")];
  files(
    {
      "nix-instantiate": `#!/bin/sh\necho >> ${log}\nPATH="${process.env["PATH"]}" exec nix-instantiate "$@"\n`,
      log: "",
    },
    bin,
  );
  chmodSync(script, 0o755);
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
  return () => {
    const count = readFileSync(log, "utf8").length;
    writeFileSync(log, "");
    return count;
  };
}
afterEach(() => void vi.unstubAllEnvs());

const HELLO = '{ name = "n-1.2"; type = "derivation"; }';

test("each name that aborts evaluation costs one more evaluation, once; a misspelt name costs one per run; progress is shown", async () => {
  vi.stubEnv("XDG_CACHE_HOME", folder());
  const evaluations = countEvaluations();
  const many = (extra: string) =>
    `{ }: builtins.listToAttrs (builtins.genList (i: {
       name = "p\${toString i}"; value = if i == 3 || i == 7 || i == 8 || i == 29 then abort "no" else ${HELLO}; }) 30) // { ${extra} }`;
  const set = files({ "default.nix": "{ }: import ./deep/set.nix { }", "deep/set.nix": many("") });
  const expression = `import ${dirname(set)} { }`;
  const told: [number, number][] = [];
  const first = new Packages(PROGRAM, expression, (_, known, total) => told.push([known, total]));
  const names = await first.names([]);
  expect([...names.values()].filter(({ kind }) => kind === "other").map(({ name }) => name)).toEqual([
    "p29",
    "p3",
    "p7",
    "p8",
  ]);
  expect(evaluations()).toBe(5);
  expect(told).toEqual(Array.from({ length: 30 }, (_, i) => [i + 1, 30]));

  const later = async () => {
    const packages = new Packages(PROGRAM, expression);
    await packages.names([]);
    expect(evaluations()).toBe(0);
    expect(packages.renew()).toBe(true);
    return [...(await packages.names([])).keys()];
  };
  expect(await later()).toEqual([...names.keys()]);
  expect(evaluations()).toBe(1);
  files({ "deep/set.nix": many(`z = ${HELLO};`) }, dirname(set));
  expect(await later()).toEqual([...names.keys(), "z"]);
  expect(evaluations()).toBe(2);
});

test("an interrupted index resumes", async () => {
  const cache = folder();
  vi.stubEnv("XDG_CACHE_HOME", cache);
  const expression = `{ sha256 = 1; b = abort "no"; c = ${HELLO}; }`;
  await new Packages(PROGRAM, expression).names([]);
  const [identity = ""] = readdirSync(join(cache, "imgc/packages"));
  const file = join(cache, "imgc/packages", identity, "all.json");
  const whole = JSON.parse(readFileSync(file, "utf8")) as { names: object[] };
  writeFileSync(file, JSON.stringify({ ...whole, names: whole.names.slice(0, 1) }));
  const evaluations = countEvaluations();
  expect((await new Packages(PROGRAM, expression).names([])).size).toBe(3);
  expect(evaluations()).toBe(1);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(whole);
});

test("check --nixpkgs looks in another set", async () => {
  // Nix must copy a part of it into the store to read it; the folder's name is new at each run.
  const part = basename(folder());
  const set = files({
    "default.nix": `{ }: import "\${./${part}}/set.nix"`,
    [`${part}/set.nix`]: `{ mine = ${HELLO}; }`,
  });
  const spec = files({
    "a.imgspec": 'nixpkgs "github:NixOS/nixpkgs/nixos-26.05"\nimage "a" { packages [ mine helo ] }\n',
  });
  const { stdout, code } = await failure(imgc(["check", "--packages", "--nixpkgs", dirname(set), spec], folder()));
  expect(code).toBe(1);
  expect(stdout.trim().split("\n")).toEqual([expect.stringContaining("has no `helo`")]);
  expect(await failure(imgc(["check", "--nixpkgs", dirname(set), spec], folder()))).toMatchObject({ code: 2 });
});

test("check marks unknown packages at their place with similar names, and --fix writes them", async () => {
  const cache = folder();
  const spec = files({
    "a.imgspec":
      'image "a" {\n  packages [ hello helo python3Packages.flsk openssl.dev openssl.foo ]\n  layers { weight { glibx +5 } }\n}\n',
  });
  const failed = await failure(imgc(["check", "--packages", spec], cache));
  expect(failed.code).toBe(1);
  expect(failed.stdout.replaceAll(spec, "a.imgspec")).toBe(
    [
      "a.imgspec:2:20: error: the package set has no `helo`; did you mean `hello`? [unknown-package]",
      "a.imgspec:2:41: error: `python3Packages` has no `flsk`; did you mean `flask`? [unknown-package]",
      "a.imgspec:2:66: error: `openssl` has no `foo`; search the package set for its name [unknown-package]",
      "a.imgspec:3:21: error: the package set has no `glibx`; did you mean `glibc`? [unknown-package]",
      "",
    ].join("\n"),
  );
  await failure(imgc(["check", "--packages", "--fix", spec], cache));
  expect(readFileSync(spec, "utf8")).toContain("[ hello hello python3Packages.flask openssl.dev openssl.foo ]");
});

test("check marks sets, functions and failing names in the place of a package, as long as they are that", async () => {
  const cache = folder();
  const spec = files({
    "a.imgspec":
      'nixpkgs ./set\nimage "a" {\n  packages [ hello sets f sets.called old sets.gone.deep sets.nothing ]\n  store [ text functor ]\n}\n',
    "set/default.nix": "{ }: import ./deep/set.nix",
    "set/deep/set.nix": `{
      hello = ${HELLO};
      functor = ${HELLO} // { __functor = _: _: null; };
      f = { name }: name;
      old = throw "use hello";
      text = "text";
      sets = { called.__functor = _: _: null; gone = abort "gone"; nothing = null; };
    }`,
  });
  const failed = await failure(imgc(["check", "--packages", spec], cache));
  expect(failed.code).toBe(1);
  expect(failed.stdout.trim().replaceAll(spec, "a.imgspec").split("\n")).toEqual([
    expect.stringContaining("a.imgspec:3:20: error: `sets` is a set, not a package; name a package in it"),
    expect.stringContaining("a.imgspec:3:25: error: `f` is a function, not a package; call it in Nix code"),
    expect.stringContaining("a.imgspec:3:27: error: `sets.called` is a function, not a package"),
    expect.stringContaining("a.imgspec:3:39: error: `old` cannot be evaluated: the package set throws an error"),
    expect.stringContaining("a.imgspec:3:43: error: `sets.gone` cannot be evaluated: the package set throws an error"),
    expect.stringContaining("a.imgspec:3:58: error: `sets.nothing` is null, not a package"),
  ]);
  // The folder's own time stays as it was.
  const now = `{ hello = ${HELLO}; f = hello; old = hello; text = ""; functor = hello; sets = hello // { called = hello; gone.deep = hello; nothing = hello; }; }`;
  files({ "deep/set.nix": `rec ${now}` }, join(dirname(spec), "set"));
  expect(await imgc(["check", "--packages", spec], cache)).toMatchObject({ stdout: "" });
});

test("without Nix, --packages is an error; other checks do not need Nix", async () => {
  const spec = files({ "a.imgspec": 'image "a" { packages [ hello ] }\n' });
  const bare = { PATH: dirname(process.execPath), XDG_CACHE_HOME: folder() };
  await tool(process.execPath, [IMGC, "check", spec], bare);
  expect(await failure(tool(process.execPath, [IMGC, "check", "--packages", spec], bare))).toMatchObject({
    code: 3,
    stderr: "imgc: nix-instantiate is not installed or not on PATH, but this command needs it\n",
  });
  const { connection, open, nextDiagnostics } = await editorOfProcess(folder(), [], bare);
  const path = join(folder(), "b.imgspec");
  const first = nextDiagnostics(pathToFileURL(path).href);
  const uri = await open(path, 'image "b" { packages [ helo ] manifest o }\n');
  expect((await first).diagnostics.map(({ code }) => code)).toEqual(["unknown-word"]);
  const at = { textDocument: { uri }, position: position('image "b" { packages [ helo ] manifest ¦') };
  expect(await connection.sendRequest(CompletionRequest.type, at)).toMatchObject({
    items: [{ label: "oci" }, { label: "docker" }],
  });
});

test("an editor gets diagnostics, completion and versions of packages in the background", async () => {
  const cwd = folder();
  const { connection, open, nextDiagnostics } = await editorOfProcess(cwd, [], { XDG_CACHE_HOME: folder() });
  const path = join(cwd, "a.imgspec");
  const uri = pathToFileURL(path).href;
  const text = 'image "a" {\n  packages [ helo hello python3Packages.f ]\n}\n';
  await open(path, text);
  let found = await nextDiagnostics(uri);
  // The first diagnostics may come before Nix answers; those about packages follow.
  while (found.diagnostics.length < 2) found = await nextDiagnostics(uri);
  expect(found.diagnostics.map(({ message }) => message)).toEqual([
    "the package set has no `helo`; did you mean `hello`?",
    expect.stringContaining("`python3Packages` has no `f`") as string,
  ]);
  const ask = async (marked: string) =>
    connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position: position(marked) });
  expect(await ask('image "a" {\n  packages [ helo¦')).toMatchObject({ items: [{ label: "nix" }] });
  expect(await ask('image "a" {\n  packages [ hel¦')).toMatchObject({
    items: [{ label: "hello", detail: expect.stringMatching(/^2/) as string }, { label: "nix" }],
  });
  expect(await ask('image "a" {\n  packages [ helo hello python3Packages.f¦')).toMatchObject({
    items: [{ label: "python3Packages.flask" }, { label: "nix" }],
  });
  const hover = await connection.sendRequest(HoverRequest.type, {
    textDocument: { uri },
    position: position('image "a" {\n  packages [ helo hel¦'),
  });
  expect(hover?.contents).toMatchObject({ value: expect.stringMatching(/^\*\*hello\*\* 2\./) as string });
});

test("an editor renews an old index before it reports an unknown package", async () => {
  const whole = '{ name = "n-1"; type = "derivation"; }';
  const cwd = folder();
  const [cache, text] = [folder(), 'nixpkgs ./set\nimage "a" { packages [ old new ] }\n'];
  files({ "set/default.nix": "{ }: import ./deep/set.nix", "set/deep/set.nix": `{ old = ${whole}; }` }, cwd);
  const spec = files({ "a.imgspec": text }, cwd);
  await failure(imgc(["check", "--packages", spec], cache));
  files({ "set/deep/set.nix": `{ new = ${whole}; }` }, cwd);
  const { open, nextDiagnostics } = await editorOfProcess(cwd, [], { XDG_CACHE_HOME: cache });
  const uri = pathToFileURL(spec).href;
  await open(spec, text);
  let found = await nextDiagnostics(uri);
  while (found.diagnostics.length === 0) found = await nextDiagnostics(uri);
  expect(found.diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining("has no `old`")]);
});
