import { chmodSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkReproducible } from "../../src/trial/reproducible.ts";
import { build, buildText, failure, files, folder, tool, tried } from "./tools.ts";

const spec = (more: string) => `image "test/trial" {
  packages [ hello bash ]
  config { entrypoint [ "/bin/hello" ] }
  expect {
    reproducible
    run [ "/bin/hello" "--greeting=hi" ] { stdout "hi\\n" }
    run [ "bash" "-c" "exit 7" ] { exit 7 }
    ${more}
  }
}`;

test("what is expected of commands is tried in containers, for each form", async () => {
  const path = files({ "trial.imgspec": spec("") });
  const { path: directory } = await build(path);
  expect((await tried(directory)).stdout).toContain("holds what it claims");
  const { path: layout } = await build(path, { attribute: "oci" });
  const archive = join(folder(), "image.tar");
  await tool("tar", ["-C", layout, "-chf", archive, "."]);
  for (const form of [layout, archive]) {
    const { stdout, stderr } = await tried(form);
    expect(stdout).toContain("holds what it claims");
    expect(stderr).toContain("`expect reproducible` can be held against an image directory only");
  }
  // Nothing of it is left behind.
  expect((await tool("podman", ["images", "--format", "{{.Repository}}"])).stdout).not.toContain("imgc-verify");
});

test("a command that does something else is a finding that says what it did", async () => {
  const { path } = await buildText(
    spec('run [ "bash" "-c" "echo out; echo oops >&2; exit 3" ] { stdout "in\\n" } run [ "/bin/gone" ]'),
  );
  const { code, stdout } = await failure(tried(path));
  expect(code).toBe(1);
  expect(stdout).toContain("exit code 0, but it was 3; it said: oops\n");
  expect(stdout).toContain('stdout "in\\n", but it was "out\\n"\n');
  expect(stdout).toContain("expect run /bin/gone: exit code 0, but it was 127");
  expect(stdout).toContain(": 3 findings\n");
});

test("a part that comes out differently is not reproducible", async () => {
  const { path } = await buildText(`image "test/differs" { files { "/x" text "${Date.now()}" } }`);
  expect(await checkReproducible(path, () => {})).toEqual([]);
  const [name = ""] = readdirSync(join(path, "layers"));
  const recipe = realpathSync(join(path, "layers", name));
  const before = readFileSync(recipe, "utf8");
  onTestFinished(() => (writeFileSync(recipe, before), chmodSync(recipe, 0o444)));
  chmodSync(recipe, 0o644);
  writeFileSync(recipe, before.replace(/"diffSize":\d+/, '"diffSize":1'));
  expect(await checkReproducible(path, () => {})).toEqual([
    expect.stringMatching(/^expect reproducible: derivation '.*' may not be deterministic: output '.*' differs/),
  ]);
});
