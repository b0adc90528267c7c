/** A folder as the argument of a command: its only .imgspec file. */
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { files } from "../e2e/tools.ts";
import { run } from "./run.ts";

const SPEC = 'image "shop/api" { }';

test("a folder stands for its only description, and the command says which", () => {
  const folder = dirname(files({ "shop.imgspec": SPEC, "below/other.imgspec": "?", "notes.txt": "" }));
  const { status, stdout, stderr } = run(["compile", "."], { cwd: folder });
  expect([status, stderr]).toEqual([0, "imgc: using shop.imgspec\n"]);
  expect(stdout).toContain('"shop/api"');
  const wrong = run(["plan", folder, "--image", "shop/apo"]);
  expect([wrong.status, wrong.stderr]).toEqual([
    2,
    `imgc: using ${folder}/shop.imgspec\nimgc: ${folder}/shop.imgspec has no image "shop/apo"; did you mean \`shop/api\`?\n`,
  ]);
});

test("of several descriptions, one must be named", () => {
  const folder = dirname(files({ "b.imgspec": SPEC, "a.imgspec": SPEC }));
  const { status, stderr } = run(["build", "."], { cwd: folder });
  expect([status, stderr]).toEqual([2, "imgc: . has several .imgspec files; name one of a.imgspec, b.imgspec\n"]);
});

test("a folder without descriptions is an image, or an error", () => {
  const folder = dirname(files({ "notes.txt": "" }));
  expect(run(["build", folder]).stderr).toBe(
    `imgc: no .imgspec file in ${folder}; name a file, or run \`imgc init\` there to write one\n`,
  );
  const image = dirname(files({ "image.json": "{}" }));
  expect(run(["lock", image]).stderr).toBe(`imgc: ${image} is a built image; name its .imgspec file\n`);
  expect(run(["sbom", folder]).stderr).toMatch(/is not an image directory/);
});

test.each([["push", "localhost:1/a"], ["run"], ["load"], ["sbom"], ["export", "--to", "tar"]])(
  "%s takes one image of a file with several, and names them",
  (command, ...more) => {
    const spec = files({ "a.imgspec": 'image "b" { }\nimage "a" { }' });
    const { status, stderr } = run([command, spec, ...more]);
    expect([status, stderr]).toEqual([2, "imgc: the file has several images; choose one of b, a with --image\n"]);
  },
);
