import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, folder } from "../../e2e/tools.ts";
import { runHere } from "../run.ts";

test("--fix applies the safe fixes, names each, and shows the remaining diagnostics", async () => {
  const cwd = folder();
  const common = 'let unused = 1\nimage "base" { tga "v1" }\n';
  const bad = 'import ./common.imgspec\nimage "a" {\n  pakages [ hello ]\n  manifest dokcer\n  tag [ 1 ]\n}\n';
  files({ "a.imgspec": bad, "common.imgspec": common }, cwd);
  chmodSync(join(cwd, "a.imgspec"), 0o600);
  const { status, stdout, stderr } = await runHere(["check", "--fix", "a.imgspec"], { cwd });
  expect(readFileSync(join(cwd, "a.imgspec"), "utf8")).toBe(
    bad.replace("pakages", "packages").replace("dokcer", "docker"),
  );
  expect(statSync(join(cwd, "a.imgspec")).mode & 0o777).toBe(0o600);
  expect(stderr).toBe("a.imgspec: write `packages`\na.imgspec: write `docker`\n");
  expect(stdout).toMatch(/^a\.imgspec:5:7: error: .*\ncommon\.imgspec:2:16: error: .*\n$/);
  expect(status).toBe(1);
  // Imported files are not changed.
  expect(readFileSync(join(cwd, "common.imgspec"), "utf8")).toBe(common);
});

test("a file without diagnostics is not written; standard input is refused", async () => {
  const cwd = folder();
  files({ "a.imgspec": 'image "a" { packages [ hello ] }\n' }, cwd);
  const before = statSync(join(cwd, "a.imgspec")).ino;
  expect(await runHere(["check", "--fix", "."], { cwd })).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(statSync(join(cwd, "a.imgspec")).ino).toBe(before);
  expect(await runHere(["check", "--fix", "-"], { input: "" })).toMatchObject({ status: 2 });
});

test("JSON output contains the fixes", async () => {
  const input = 'let unused = 1\nimage "a" { users { api { gid 5 } } }\n';
  const { stdout } = await runHere(["check", "--format", "json", "-"], { input });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { fix?: { title: string } }[] };
  expect(diagnostics.map(({ fix }) => fix?.title)).toEqual(["remove `unused`", "add `uid 1000`"]);
});
