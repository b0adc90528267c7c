/** Wrong arguments of commands that need a built image. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder } from "../../e2e/tools.ts";
import { runHere } from "../run.ts";

test.each(["verify", "verify --key cosign.pub", "serve"])(
  "imgc %s says that a description must be built first",
  async (command) => {
    const cwd = folder();
    writeFileSync(join(cwd, "two.imgspec"), 'image "a" { }\n');
    const args = command.split(" ");
    const { status, stderr } = await runHere([...args, "two.imgspec"], { cwd });
    expect(stderr).toBe(
      `imgc: two.imgspec is a description, not an image; run \`imgc build two.imgspec\`, and then \`imgc ${args[0]} result\`\n`,
    );
    expect(status).toBe(2);
  },
);

test("verify --key says that signatures are in a registry, and what the path is", async () => {
  const cwd = folder();
  mkdirSync(join(cwd, "result/layers"), { recursive: true });
  writeFileSync(join(cwd, "result/image.json"), "{}");
  const rest = "on this machine, but --key checks signatures in a registry; give the reference of the pushed image";
  const verify = async (path: string) => await runHere(["verify", path, "--key", "cosign.pub"], { cwd });
  const directory = await verify("result");
  expect(directory.stderr).toContain(`result is an image directory ${rest}`);
  expect(directory.status).toBe(2);
  expect((await verify("result/image.json")).stderr).toContain(`result/image.json is a path ${rest}`);
});
