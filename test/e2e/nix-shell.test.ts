/** Images with the build environment of a package, like `nix-shell` and dockerTools' shell images. */
import { beforeAll, expect, test } from "vitest";
import { build, files, loadLayout, podman, tool, verified } from "./tools.ts";

/** A small standard environment like nixpkgs', a package built with it, and one with structured attributes. */
const PACKAGES = `arguments:
let
  pkgs = import <nixpkgs> arguments;
  inherit (pkgs) bash coreutils tinycc;
  bin = "\${coreutils}/bin";
  stdenv = derivation {
    name = "stdenv";
    inherit (pkgs.stdenv.hostPlatform) system;
    builder = "\${bash}/bin/bash";
    PATH = bin;
    args = [ "-ec" "mkdir $out; cp \${setup} $out/setup; echo done" ];
  };
  setup = pkgs.writeText "setup" ''
    set -e
    PATH=\${bin}
    for input in $buildInputs; do PATH=$PATH:$input/bin; done
    runHook() { eval "''\${!1-}"; }
    buildPhase() { tcc -o greet $src; }
    installPhase() { mkdir -p $out/bin $doc; cp greet $out/bin; cp $notesPath $doc/notes; }
    genericBuild() { cd $NIX_BUILD_TOP; eval "''\${buildPhase:-buildPhase}"; eval "''\${installPhase:-installPhase}"; }
  '';
in
pkgs // {
  greet = derivation {
    name = "greet";
    inherit (pkgs.stdenv.hostPlatform) system;
    outputs = [ "out" "doc" ];
    inherit stdenv;
    buildInputs = [ tinycc ];
    src = builtins.toFile "greet.c" "#include <stdio.h>\\nint main(void) { puts(\\"Hello\\"); return 0; }\\n";
    notes = "it's passed as a file";
    passAsFile = [ "notes" ];
    shellHook = "echo hooked into $name";
    builder = "\${bash}/bin/bash";
    args = [ (builtins.toFile "builder.sh" "source $stdenv/setup; genericBuild; echo built") ];
  };
  counts = derivation {
    name = "counts";
    inherit (pkgs.stdenv.hostPlatform) system;
    buildInputs = [ pkgs.jq ];
    builder = "/bin/sh";
  };
}
`;

const SPEC = `nixpkgs ./packages.nix
image "shell/below" {
  packages [ coreutils ]
  config { entrypoint [ "/bin/false" ] }
  layers { rest }
}
image "shell/plain" {
  base image "shell/below"
  users { ci { uid 1000 gid 1000 } }
  nix { user "ci" shell [ greet counts ] settings { substitute "false" } }
  layers { rest }
}
image "shell/structured" {
  packages [ coreutils ]
  nix { shell [ tinycc ] }
  layers { rest }
}
`;

let plain: string;
let structured: string;

beforeAll(async () => {
  const spec = files({ "shell.imgspec": SPEC, "packages.nix": PACKAGES });
  for (const attribute of ["plain", "structured"]) await verified((await build(spec, { attribute })).path);
  plain = await loadLayout((await build(spec, { attribute: "plain.oci" })).path);
  structured = await loadLayout((await build(spec, { attribute: "structured.oci" })).path);
});

const lines = async (image: string, ...args: string[]) => (await podman(image, args)).stdout.trim().split("\n");

test("the environment is the package's, also for programs other than shells", async () => {
  const env = await lines(plain, "env");
  const values = new Map(env.map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]));
  expect(Object.fromEntries(values)).toMatchObject({
    name: "greet",
    outputs: "out doc",
    NIX_BUILD_TOP: "/build",
    IN_NIX_SHELL: "impure",
    HOME: "/home/ci",
    USER: "ci",
    src: expect.stringMatching(/-greet\.c$/) as string,
    stdenv: expect.stringMatching(/-stdenv$/) as string,
    out: expect.stringMatching(/^\/nix\/store\/[a-z0-9]{32}-greet$/) as string,
    doc: expect.stringMatching(/^\/nix\/store\/[a-z0-9]{32}-greet-doc$/) as string,
    builder: expect.stringMatching(/\/bin\/bash$/) as string,
  });
  expect(values.get("buildInputs")).toMatch(/^\S+-tinycc-\S+ \S+-jq-\S+$/);
  expect([...values.keys()].filter((name) => name === "imgc" || name === "__structuredAttrs")).toEqual([]);
});

test("the shell has its functions and tools, has run its hook, and phases can be run one by one", async () => {
  const said = await lines(plain, "bash", "-c", "buildPhase; ./greet; jq --version; pwd; cat $notesPath");
  expect(said).toEqual([
    "hooked into greet",
    "Hello",
    expect.stringMatching(/^jq-/),
    "/build",
    "it's passed as a file",
  ]);
});

test("a build by hand makes the package's outputs; programs of the build are not in such a shell", async () => {
  const script =
    "buildDerivation; $out/bin/greet; cat $doc/notes; echo; bash -c 'type -t buildDerivation || echo plain'";
  expect(await lines(plain, "bash", "-c", script)).toEqual([
    "hooked into greet",
    "built",
    "Hello",
    "it's passed as a file",
    "plain",
  ]);
});

test("the image starts an interactive shell of that environment", async () => {
  const { stdout } = await tool("podman", ["inspect", "--format", "{{json .Config.Cmd}}", plain]);
  const command = JSON.parse(stdout) as string[];
  const said = await lines(plain, ...command, "-ic", "buildPhase && ./greet; echo ${PS1@P}");
  expect(said).toEqual(["hooked into greet", "Hello", "[nix-shell:/build]$"]);
});

test("Nix builds the package in the image, and enters its shell", async () => {
  const said = await lines(
    plain,
    "bash",
    "-c",
    `drv=$(ls -d /nix/store/*-greet.drv); nix-store -r $drv; nix-shell $drv --run 'echo in $name'`,
  );
  expect(said.slice(1)).toEqual([
    expect.stringMatching(/-greet(-doc)?$/),
    expect.stringMatching(/-greet(-doc)?$/),
    "hooked into greet",
    "in greet",
  ]);
});

test("structured attributes are available as files", async () => {
  const script = "echo $name; declare -p outputs; buildDerivation && ls ${outputs[out]}/bin";
  expect(await lines(structured, "bash", "-c", script)).toEqual([
    expect.stringMatching(/^tinycc-/),
    expect.stringMatching(/\[out\]="\/nix\/store\/[a-z0-9]{32}-tinycc-[0-9.]+"/),
    "tcc",
  ]);
});
