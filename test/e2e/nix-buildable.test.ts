/** The contents of `buildable`, and a build with them: the CI example, without network, after a change of its source. */
import { cpSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ImageFile } from "../../src/image/image-file.ts";
import { build, EXAMPLES, files, loadLayout, podman, tool, verified } from "./tools.ts";

const SPEC = join(EXAMPLES, "nix-ci.imgspec");
const PROJECT = join(EXAMPLES, "nix-ci/greet");
let image: string;
let path: string;

beforeAll(async () => {
  ({ path } = await build(SPEC, { attribute: "oci" }));
  image = await loadLayout(path);
});

const inside = async (script: string, ...options: string[]) => {
  const { stdout } = await podman(image, ["bash", "-ec", script], options);
  return stdout.trim().split("\n");
};

const nix = async (...args: string[]) => (await tool("nix-store", args)).stdout.trim().split("\n").filter(Boolean);

test("contains derivations, sources and the run-time closures of direct inputs only", async () => {
  await verified(path);
  const { closure } = ImageFile.parse(JSON.parse(readFileSync(join(path, "image.json"), "utf8")));
  const { stdout } = await tool("nix-instantiate", [PROJECT]);
  const derivation = stdout.trim();
  // Nix's own answer.
  const inputs = (await nix("-q", "--references", derivation)).filter((each) => each.endsWith(".drv"));
  const outputs = await nix("-q", "--outputs", ...inputs);
  const expected = new Set([...(await nix("-qR", derivation)), ...(await nix("-qR", ...outputs))]);
  const present = new Set(closure.map((each) => each.path));
  expect([...expected].filter((each) => !present.has(each))).toEqual([]);

  // The rest is also in the image without `buildable`.
  const others = await tool("nix-build", [
    "<nixpkgs>",
    "--no-out-link",
    ...["bashInteractive", "coreutils", "gnugrep", "gnused", "nix", "cacert"].flatMap((name) => ["-A", name]),
  ]);
  const rest = new Set(await nix("-qR", ...others.stdout.trim().split("\n")));
  const more = [...present].filter((each) => !expected.has(each) && !rest.has(each));
  expect(more.map((each) => each.slice("/nix/store/".length + 33))).toEqual(["source"]);
});

test.each(["ci", "root"])("%s changes a C program and rebuilds it without options or network", async (user) => {
  const said = await inside(
    `
    nix-build; result/bin/greet
    sed -i 's/from C/from a changed program/' greet.c
    nix-build; result/bin/greet
    nix-shell --run 'tcc -run $src'
    nix-env -i -f .; greet
    nix-store --verify --check-contents
    `,
    "--user",
    user,
  );
  const greeting = "Hello from a changed program.";
  const store = expect.stringMatching(/^\/nix\/store\/[a-z0-9]{32}-greet$/) as string;
  expect(said).toEqual([store, "Hello from C.", store, greeting, greeting, greeting]);
});

test("the package set is found as <nixpkgs> and by commands that use channels", async () => {
  const [version, evaluated, installable] = await inside(`
    nix-instantiate --eval -E '(import <nixpkgs> { }).hello.version'
    nix-instantiate --find-file nixpkgs
    nix-env -qaP --description tinycc
  `);
  expect(version).toBe('"2.10"');
  expect(evaluated).toBe("/nix/var/nix/profiles/per-user/root/channels/nixpkgs");
  expect(installable).toContain("Small and fast C compiler");
});

test("garbage collection keeps the build inputs", async () => {
  const [before, after, built] = await inside(`
    ls /nix/store | sha256sum; nix-collect-garbage -d > /dev/null; ls /nix/store | sha256sum
    nix-build > /dev/null; result/bin/greet
  `);
  expect(after).toBe(before);
  expect(built).toBe("Hello from C.");
});

test("a flake supports `buildable`: evaluation is pure", async () => {
  const flake = files({
    "flake.nix": `{
      outputs = { self }: let
        package = name: derivation { inherit name; system = "x86_64-linux"; builder = "/bin/sh"; };
        pkgs = builtins.mapAttrs (name: _: package name) {
          nodejs = { }; nix = { }; bash = { }; coreutils = { }; cacert = { };
        } // { path = ./.; };
        app = derivation { name = "app"; system = "x86_64-linux"; builder = "\${pkgs.bash}"; src = ./flake.nix; };
        imgc = import ./imgc/nix { inherit pkgs; };
      in {
        image = (imgc.image {
          name = "pure";
          reuse = "group";
          nix = { nixpkgs = true; buildable = [ app ]; shell = [ app ]; };
        }).drvPath;
      };
    }`,
  });
  const project = join(import.meta.dirname, "../..");
  for (const name of ["nix", "dist"]) cpSync(join(project, name), join(flake, "../imgc", name), { recursive: true });
  const { stdout } = await tool("nix", ["eval", "--raw", `path:${dirname(flake)}#image`]);
  expect(stdout).toMatch(/-pure\.drv$/);
});
