/** Options of the package set: unfree, insecure and overlay packages, for each kind of package set. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { build, failure, files, folder, IMGC, imgc, tool } from "./tools.ts";

const NIXPKGS = join(import.meta.dirname, "../nixpkgs");
const SYSTEM = (await tool("nix-instantiate", ["--eval", "-E", "builtins.currentSystem"])).stdout.trim().slice(1, -1);

const OPTIONS = `{
  allow-unfree [ unfree-tool "unfree-other" ]
  allow-insecure [ "insecure-tool-1.1.1" ]
  overlays [ ./overlay.nix nix ''(final: prev: { second = final.first; })'' ]
  config nix ''{ allowBroken = import ./broken.nix; }''
}`;
const OTHERS = {
  "overlay.nix": "final: prev: { first = prev.hello; }",
  "broken.nix": "true",
};

/** The same as a function, which nixpkgs allows for `config`. */
const CALLED = OPTIONS.replace("''{ allowBroken", "''{ pkgs, ... }: { inherit (pkgs) hello; allowBroken");

const image = (more = "") =>
  `image "test/set" { ${more} packages [ unfree-tool unfreeOther insecure-tool broken-tool second ] cache { reuse group } }`;

/** The derivation that a spec is evaluated to. */
async function evaluated(spec: string, ...flags: string[]): Promise<string> {
  const { stdout } = await imgc("compile", spec, ...flags);
  return (await tool("nix-instantiate", [files({ "image.nix": stdout })])).stdout.trim();
}

test("options reach the set by a lookup, a path, a pin, a function and --nixpkgs, and give the same image", async () => {
  const places = [
    "nix ''<nixpkgs>''",
    `path "${NIXPKGS}"`,
    `nix ''import ${NIXPKGS}''`,
    `nix ''{ outPath = ${NIXPKGS}; }''`,
    `"path:${NIXPKGS}"`,
  ];
  const found = places.map(async (place, i) => {
    const spec = files({ "a.imgspec": `nixpkgs ${place} ${OPTIONS}\n${image()}`, ...OTHERS });
    if (i === places.length - 1) return evaluated(spec, "--nixpkgs", NIXPKGS);
    return evaluated(spec);
  });
  found.push(evaluated(files({ "a.imgspec": `nixpkgs nix ''<nixpkgs>'' ${CALLED}\n${image()}`, ...OTHERS })));
  expect(new Set(await Promise.all(found)).size).toBe(1);
});

test("packages that no option allows are refused, and an imported set takes no options", async () => {
  const bare = (name: string) => `image "test/bare" { packages [ ${name} ] cache { reuse group } }`;
  for (const name of ["unfree-tool", "insecure-tool", "broken-tool"]) {
    const { stderr } = await failure(evaluated(files({ "a.imgspec": bare(name) })));
    expect(stderr).toContain("refusing to evaluate");
  }
  const some = `nixpkgs nix ''<nixpkgs>'' { allow-unfree [ unfreeOther ] }`;
  expect((await failure(evaluated(files({ "a.imgspec": `${some}\n${bare("unfreeOther")}` })))).code).toBe(1);
  expect(
    await evaluated(files({ "a.imgspec": `${some.replace("[ unfreeOther ]", "")}\n${bare("unfreeOther")}` })),
  ).toMatch(/\.drv$/);
  const made = `nixpkgs nix ''import <nixpkgs> { }'' ${OPTIONS}\n${image()}`;
  const { stderr } = await failure(evaluated(files({ "a.imgspec": made, ...OTHERS })));
  expect(stderr).toContain("takes no options");
});

test("a pin stays when the options of its set change, and the index of packages follows them", async () => {
  const text = (options: string) =>
    `nixpkgs "path:./set" { ${options} }\nimage "test/pinned" { packages [ hello first ] }`;
  const spec = files({
    "a.imgspec": text("overlays [ ./overlay.nix ]"),
    "set/default.nix": `args: import ${NIXPKGS} args`,
    ...OTHERS,
  });
  await imgc("lock", spec);
  const lock = () => readFileSync(join(dirname(spec), "imgc.lock"), "utf8");
  const pinned = lock();
  const check = () => tool(process.execPath, [IMGC, "check", "--packages", spec], { XDG_CACHE_HOME: folder() });
  expect(await check()).toMatchObject({ stdout: "" });
  files({ "a.imgspec": text("allow-unfree") }, dirname(spec));
  const { stdout } = await failure(check());
  expect(stdout.trim().split("\n")).toEqual([expect.stringContaining("the package set has no `first`")]);
  await imgc("compile", spec);
  expect(lock()).toBe(pinned);
});

test("the set of each platform and a flake have the options, purely", async () => {
  const spec = files({ "a.imgspec": `nixpkgs nix ''<nixpkgs>'' ${OPTIONS}\n${image()}`, ...OTHERS });
  const flake = join(folder(), "flake");
  await imgc("compile", spec, "--nixpkgs", NIXPKGS, "--flake", flake);
  const { stdout } = await tool("nix", ["eval", "--raw", `path:${flake}#packages.${SYSTEM}.default.drvPath`]);
  expect(stdout).toMatch(/^\/nix\/store\/.*\.drv$/);

  const both = image("platforms [ linux/amd64 linux/arm64 ]").replace("insecure-tool broken-tool", "");
  const two = files({ "a.imgspec": `nixpkgs path "${NIXPKGS}" ${OPTIONS}\n${both}`, ...OTHERS });
  expect(await evaluated(two)).toMatch(/\.drv$/);
});

test("the image's platform is as described even if the package set ignores the system", async () => {
  const spec = files({
    "a.imgspec": 'nixpkgs ./set\nimage "test/riscv" { platforms [ linux/riscv64 ] files { "/motd" text "hi\\n" } }',
    "set/default.nix": `{ system ? builtins.currentSystem, ... }:
      import ${NIXPKGS} { } // { path = ./.; stdenv.hostPlatform = { inherit system; }; }`,
  });
  const { path } = await build(spec);
  expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8"))).toMatchObject({
    architecture: "riscv64",
    os: "linux",
  });
});

test("buildSpec uses the caller's package set with its overlays and config, and the caller's Node.js", async () => {
  const spec = files({ "a.imgspec": 'image "test/given" { packages [ unfree-tool first ] cache { reuse group } }' });
  await imgc("compile", spec, "-o", join(dirname(spec), "a.nix"));
  const expression = `
    let
      overlay = final: prev: { first = prev.hello; nodejs = prev.nodejs // { version = "18.0"; }; };
      whole = import ${NIXPKGS} { config.allowUnfree = true; overlays = [ overlay ]; };
      imgc = import ${join(NIXPKGS, "../../nix")} {
        pkgs = removeAttrs whole [ "path" ];
        inherit (import ${NIXPKGS} { }) nodejs;
      };
    in
    (imgc.buildSpec ${spec}).default.drvPath`;
  expect((await tool("nix-instantiate", ["--eval", "-E", expression])).stdout).toContain(".drv");
});

test("a set without the folder of its source is reported where the image needs the folder", async () => {
  const set = `nixpkgs nix ''args: removeAttrs (import ${NIXPKGS} args) [ "path" ]'' { allow-unfree }`;
  for (const setting of ["nix { nixpkgs }", "platforms [ linux/amd64 linux/arm64 ]"]) {
    const spec = files({ "a.imgspec": `${set}\nimage "test/bare" { packages [ hello ] ${setting} }` });
    const failed = await failure(imgc("build", spec, "--no-link"));
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/a\.imgspec:1:1: error: .*`path`/) as string,
    });
  }
});
