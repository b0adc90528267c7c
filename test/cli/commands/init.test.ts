import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, folder, IMGC } from "../../e2e/tools.ts";
import { runHere } from "../run.ts";

test("what lies in the folder is found", async () => {
  const cwd = join(folder(), "My Shop");
  files({ "src/app.py": "", "requirements.txt": "Flask==3.0\n# more\ngunicorn\n" }, cwd);
  expect(await runHere(["init", "--from", "python"], { cwd })).toMatchObject({ status: 0, stdout: "" });
  const text = readFileSync(join(cwd, "image.imgspec"), "utf8");
  expect(text).toContain('image "my-shop" {');
  expect(text).toContain("python3.withPackages (p: [ p.flask p.gunicorn ])");
  expect(text).toContain('"/app" copy ./src');
  expect(text).toContain('"/app/app.py"');
  expect(await runHere(["check", "--deny-warnings", "image.imgspec"], { cwd })).toMatchObject({ status: 0 });
  expect(await runHere(["fmt", "--check"], { cwd })).toMatchObject({ status: 0 });
});

test("names a package set if Nix has none, and prints how to pin it", async () => {
  const cwd = folder();
  const line = 'nixpkgs "github:NixOS/nixpkgs/nixos-unstable"';
  const init = async (file: string, path: string) =>
    await runHere(["init", "--from", "nix", "--package", "hello", file], {
      cwd,
      env: { ...process.env, NIX_PATH: path },
    });
  expect((await init("with.imgspec", "nixpkgs=/x")).stderr).not.toContain("imgc lock");
  expect(readFileSync(join(cwd, "with.imgspec"), "utf8")).toContain(`\n# ${line}\n`);
  expect((await init("without.imgspec", "")).stderr).toContain("imgc lock without.imgspec\n");
  expect(readFileSync(join(cwd, "without.imgspec"), "utf8")).toContain(`\n${line}\n`);
  expect(await runHere(["check", "--deny-warnings", "without.imgspec"], { cwd })).toMatchObject({ status: 0 });
});

test("an existing file is not replaced", async () => {
  const cwd = folder();
  writeFileSync(join(cwd, "image.imgspec"), "mine");
  const { status, stderr } = await runHere(["init", "--from", "nix"], { cwd });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: "imgc: image.imgspec already exists\n",
  });
  expect(readFileSync(join(cwd, "image.imgspec"), "utf8")).toBe("mine");
});

test("invalid options are errors, and nothing is written", async () => {
  const cwd = folder();
  expect((await runHere(["init"], { cwd })).stderr).toBe(
    `imgc: no file of ${cwd} tells the kind of project: choose it with --from nix|python|node|go|rust|flake|static\n`,
  );
  expect((await runHere(["init", "--from", "nix", "--name", "A B"], { cwd })).stderr).toContain(
    '"A B" is not the name of an image',
  );
  expect((await runHere(["init", "--from", "static", "--copy", "x"], { cwd })).stderr).toContain("cannot find `./x`");
  expect((await runHere(["init", "--from", "cobol"], { cwd })).status).toBe(2);
  expect(readdirSync(cwd)).toEqual([]);
});

test("two kinds in a folder, a name with odd characters, and a missing folder", async () => {
  const cwd = folder();
  files({ "package.json": "{}", "index.html": "" }, cwd);
  // Without NIX_PATH, the description would name a package set, and `imgc lock` would be the next command.
  const env = { NIX_PATH: "nixpkgs=/nixpkgs" };
  const { status, stderr } = await runHere(["init", "--", "-my shop.imgspec"], { cwd, env });
  expect(status).toBe(0);
  expect(stderr).toBe(
    "Found package.json: a Node.js application.\n" +
      "Also found index.html: for a web site of static files, run imgc init --from static.\n" +
      "Wrote -my shop.imgspec. Edit it, then run:\n\n  imgc build './-my shop.imgspec'\n",
  );
  expect(readFileSync(join(cwd, "-my shop.imgspec"), "utf8")).toContain("# No file to run was found. Name it here:");
  expect(await runHere(["init", "nowhere/a.imgspec"], { cwd })).toMatchObject({
    status: 2,
    stderr: "imgc: the folder of nowhere/a.imgspec does not exist\n",
  });
});

test("asks on a terminal", () => {
  const cwd = folder();
  mkdirSync(join(cwd, "public"));
  // `script` gives the command a terminal.
  const ask = (input: string) =>
    spawnSync("script", ["-qec", `${process.execPath} ${IMGC} init`, "/dev/null"], { cwd, input, encoding: "utf8" });
  const { stdout, status } = ask("cobol\nstatic\nshop/site\n\n");
  expect({ stdout, status }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("image name [") as string,
  });
  const text = readFileSync(join(cwd, "image.imgspec"), "utf8");
  expect(text).toContain('image "shop/site" {');
  expect(text).toContain('"/srv" copy ./public');
});

test("Ctrl-C at a question ends init, and nothing is written", () => {
  const cwd = folder();
  const ask = `{ sleep 2; printf '\\003'; sleep 2; } | script -qec "$0 $1 init" /dev/null`;
  const { status } = spawnSync("bash", ["-c", ask, process.execPath, IMGC], { cwd, encoding: "utf8" });
  expect(status).toBe(130);
  expect(existsSync(join(cwd, "image.imgspec"))).toBe(false);
});
