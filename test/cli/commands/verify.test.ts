/** Wrong arguments of commands that need an image. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
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

const PATHS: [path: string, found: string, then: (command: string) => string][] = [
  ["flake", "flake has a flake and no image; run `nix build ./flake`", (then) => `, and ${then}`],
  ["flake/flake.nix", "flake has a flake and no image; run `nix build ./flake`", (then) => `, and ${then}`],
  ["old.nix", "old.nix is a Nix expression, not an image; run `nix-build old.nix`", (then) => `, and ${then}`],
  [
    "docker",
    "docker has a Dockerfile and no image; run `imgc import docker/Dockerfile`",
    () => ", which writes a description",
  ],
  [
    "docker/Dockerfile",
    "docker/Dockerfile is a Dockerfile, not an image; run `imgc import docker/Dockerfile`",
    () => ", which writes a description",
  ],
  [
    "project/result",
    "project/result is a link to /nix/store/x, which does not exist; run `imgc build project/a.imgspec`",
    () => "",
  ],
  ["result", "result is a link to /nix/store/x, which does not exist; build the image first", () => ""],
  ["loop", "loop is a link that leads back to itself; build the image first", () => ""],
  ["pipe", "pipe is a pipe, not an image", () => ""],
  [
    "copied",
    "copied is a folder of skopeo's transport `dir:`; for `imgc verify` and `imgc diff`, make an archive with " +
      "`skopeo copy dir:copied oci-archive:image.tar`",
    () => "",
  ],
];

function oddFolder(): string {
  const cwd = folder();
  for (const name of ["project", "flake", "docker", "two", "copied"]) mkdirSync(join(cwd, name));
  for (const name of ["project/a", "two/a", "two/b"]) writeFileSync(join(cwd, `${name}.imgspec`), 'image "a" { }\n');
  for (const name of ["flake/flake.nix", "old.nix", "docker/Dockerfile", "text"])
    writeFileSync(join(cwd, name), "{ }\n");
  for (const name of ["project/result", "result"]) symlinkSync("/nix/store/x", join(cwd, name));
  writeFileSync(join(cwd, "copied/version"), "Directory Transport Version: 1.1\n");
  writeFileSync(join(cwd, "copied/manifest.json"), '{ "schemaVersion": 2 }');
  symlinkSync("loop", join(cwd, "loop"));
  execFileSync("mkfifo", [join(cwd, "pipe")]);
  return cwd;
}

test.each(["verify", "serve", "push", "diff", "sbom", "plan"])(
  "imgc %s says what is at a path without an image, and what to run",
  async (command) => {
    const cwd = oddFolder();
    const more = { push: ["localhost:2/a:b"], diff: ["text"] }[command] ?? [];
    const takesSpecs = !["verify", "serve"].includes(command);
    const then = takesSpecs ? "then this command with `result`" : `then \`imgc ${command} result\``;
    for (const [path, found, rest] of PATHS) {
      const { status, stderr } = await runHere([command, path, ...more], { cwd });
      expect([status, stderr]).toEqual([2, `imgc: ${found}${rest(then)}\n`]);
    }
  },
);

test.each(["verify", "serve"])("imgc %s names the descriptions of a project folder", async (command) => {
  const cwd = oddFolder();
  const one = await runHere([command, "project"], { cwd });
  expect([one.status, one.stderr]).toEqual([
    2,
    `imgc: project has the description a.imgspec and no image; run \`imgc build project/a.imgspec\`, and then \`imgc ${command} result\`\n`,
  ]);
  expect((await runHere([command, "two"], { cwd })).stderr).toContain("two has the descriptions a.imgspec, b.imgspec");
});

test.each(["check", "fmt", "compile", "build", "lock"])("imgc %s names a link that leads nowhere", async (command) => {
  const cwd = oddFolder();
  const { status, stderr } = await runHere([command, "result"], { cwd });
  expect([status, stderr]).toEqual([2, "imgc: result is a link to /nix/store/x, which does not exist\n"]);
  expect((await runHere([command, "loop"], { cwd })).stderr).toBe("imgc: loop is a link that leads back to itself\n");
});

test("files that are no archives are named", async () => {
  const cwd = oddFolder();
  expect(await runHere(["verify", "text"], { cwd })).toMatchObject({
    status: 1,
    stderr: "imgc: text is not an image: it is neither a folder nor a tar archive\n",
  });
  expect((await runHere(["push", "text", "localhost:2/a:b"], { cwd })).stderr).toContain(
    "text is a file, not an image directory",
  );
  expect((await runHere(["diff", "a:1", "text"], { cwd })).stderr).toContain(
    "a:1 does not exist; name an image on this machine, or",
  );
});
