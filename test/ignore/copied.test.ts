import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { copiedOf, filesIn, type CopyRules } from "../../src/ignore/copied.ts";
import { byteString } from "../../src/ignore/pattern.ts";
import { looksSecret } from "../../src/ignore/secrets.ts";
import { sampleTrees } from "./trees.ts";

const NO_RULES: CopyRules = { exclude: [], all: false, within: "/" };

const filesOf = (source: string, rules: Partial<CopyRules> = {}): string[] =>
  copiedOf(source, { ...NO_RULES, ...rules })
    .taken.filter(({ kind }) => kind !== "directory")
    .map(({ path }) => path);

/** Creates a folder with files; a value that begins with `->` is the target of a link. */
function folder(files: Record<string, string>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "imgc-copied-")));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    if (text.startsWith("->")) symlinkSync(text.slice(2), join(root, name));
    else writeFileSync(join(root, name), text);
  }
  return root;
}

test("a copied folder leaves out the files that git ignores", () => {
  let compared = 0;
  for (const source of sampleTrees(60)) {
    const isIgnored = spawnSync("git", ["-C", source, "check-ignore", "--no-index", "--quiet", source]).status === 0;
    if (isIgnored) continue;
    const args = ["-C", source, "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"];
    const listed = execFileSync("git", args, { encoding: "latin1" }).split("\0").filter(Boolean);
    const isResult = (path: string) =>
      /(?:^|\/)result(?:-dev)?$/.test(path) &&
      lstatSync(Buffer.from(`${byteString(source)}/${path}`, "latin1")).isSymbolicLink();
    expect(filesOf(source).toSorted()).toEqual(listed.filter((path) => !isResult(path)).toSorted());
    compared += listed.length;
  }
  expect(compared).toBeGreaterThan(100);
});

test("result links, lock files, generated flakes and .git are left out, unless `all` is set", () => {
  const root = folder({
    "imgc.lock": "{}",
    result: "->/nix/store/x",
    "result-dev": "->/nix/store/x",
    results: "->x",
    loop: "->loop",
    image: "->sub/image",
    "sub/image/image.json": "{}",
    "sub/image/SHA256SUMS": "",
    shared: "->sub",
    "sub/result": "a file",
    "sub/imgc.lock": "",
    "sub/.git": "gitdir: elsewhere",
    "flake/flake.nix": "# Made by `imgc compile --flake`, which writes it anew each time.\n{ }",
    "flake/sources/1-x": "",
    "other/flake.nix": "{ }",
    "a.log": "",
    "sub/a.log": "",
    "sub/tmp": "",
    "tmp/x": "",
  });
  const image = ["sub/image/SHA256SUMS", "sub/image/image.json"];
  const taken = [
    "image",
    "loop",
    "other/flake.nix",
    "results",
    "shared",
    "sub/a.log",
    ...image,
    "sub/result",
    "sub/tmp",
  ];
  expect(filesOf(root)).toEqual(["a.log", ...taken, "tmp/x"]);
  const exclude = ["*.log", "!sub/a.log", "/tmp/"];
  expect(filesOf(root, { exclude })).toEqual(taken);
  expect(filesOf(root, { exclude, all: true })).toHaveLength(17);
  const { leftOut } = copiedOf(root, NO_RULES);
  expect(leftOut).toEqual(["flake", "imgc.lock", "result", "result-dev", "sub/.git", "sub/imgc.lock"]);
  expect(filesIn(root, leftOut)).toBe(7);
  expect(copiedOf(join(root, "imgc.lock"), NO_RULES).taken).toEqual([{ path: "", kind: "file" }]);
});

test("without a repository, .gitignore files are read up to the description's folder", () => {
  const root = folder({
    ".gitignore": "a\n",
    "spec/.gitignore": "b\n",
    "spec/src/.gitignore": "c\n",
    "spec/src/a": "",
  });
  for (const name of ["b", "c", "d"]) writeFileSync(join(root, "spec/src", name), "");
  const source = join(root, "spec/src");
  expect(filesOf(source, { within: join(root, "spec") })).toEqual([".gitignore", "a", "d"]);
  expect(filesOf(source, { within: join(root, "elsewhere") })).toEqual([".gitignore", "a", "b", "d"]);
  expect(filesOf(source, { within: root })).toEqual([".gitignore", "d"]);
});

test("for an ignored source, only its own .gitignore files are read", () => {
  const root = folder({
    ".git/HEAD": "",
    ".gitignore": "dist\n*.map\n",
    "dist/deep/a.map": "",
    "dist/deep/b.js": "",
    "dist/deep/.gitignore": "b.js\n",
  });
  expect(filesOf(join(root, "dist"))).toEqual(["deep/.gitignore", "deep/a.map"]);
  expect(filesOf(join(root, "dist/deep"))).toEqual([".gitignore", "a.map"]);
});

test("names need not be UTF-8", () => {
  const root = folder({ ".gitignore": "[!a-z.]x\n" });
  const name = Buffer.from([0xff, 0x78]);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), "");
  writeFileSync(join(root, "ä"), "");
  expect(filesOf(root)).toEqual([".gitignore", byteString("ä")]);
  expect(copiedOf(root, NO_RULES).leftOut).toEqual([name.toString("latin1")]);
});

test.each([
  [".env", true],
  [".env.production", true],
  [".env.example", false],
  ["environment", false],
  ["id_ed25519", true],
  ["id_ed25519.pub", false],
  ["server.pem", true],
  ["key", false],
  ["keyboard.json", false],
])("%s looks like a secret: %s", (name, expected) => {
  expect(looksSecret(name)).toBe(expected);
});
