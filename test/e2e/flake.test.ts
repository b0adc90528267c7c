import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { freshMachine } from "./fresh.ts";
import { build, EXAMPLES, failure, files, folder, imgc, tool, verified } from "./tools.ts";

const NIXPKGS = join(import.meta.dirname, "../nixpkgs");
const ROOT = join(import.meta.dirname, "../..");

test("a flake builds the same digest as the plain expression, purely", async () => {
  const spec = join(EXAMPLES, "flask.imgspec");
  const flake = join(folder(), "flake");
  await imgc("compile", spec, "--nixpkgs", NIXPKGS, "--flake", flake);
  const result = join(folder(), "result");
  await tool("nix", ["build", `path:${flake}`, "-o", result]);
  expect((await verified(result)).digests).toEqual((await verified((await build(spec)).path)).digests);

  // A flake of imgc is replaced; a folder with other files is refused.
  await imgc("compile", spec, "--flake", flake);
  const other = join(files({ "mine.txt": "" }), "..");
  expect(await failure(imgc("compile", spec, "--flake", other))).toMatchObject({ code: 2 });
  expect(existsSync(join(other, "flake.nix"))).toBe(false);
});

test("an expression in a file has no absolute paths, and builds the same digest in another folder", async () => {
  const spec = files({
    "kept.imgspec": `nixpkgs nix ''<nixpkgs>'' { overlays [ ./overlay.nix ] }
      image "test/kept" { tag "v1" packages [ greeter ] files { "/motd" copy ./motd } }`,
    "overlay.nix": "final: prev: { greeter = prev.hello; }",
    motd: `hello ${Date.now()}`,
  });
  const expected = (await verified((await build(spec)).path)).digests;
  const output = join(dirname(spec), "images.nix");
  expect(await imgc("compile", spec, "-o", output)).toEqual({ stdout: "", stderr: "" });
  const text = readFileSync(output, "utf8");
  expect(text).not.toContain(dirname(spec));
  expect(text).not.toContain(ROOT);
  const elsewhere = join(folder(), "elsewhere");
  cpSync(dirname(spec), elsewhere, { recursive: true });
  const [found, given] = [join(folder(), "result"), join(folder(), "result")];
  await tool("nix", ["build", "-f", join(elsewhere, "images.nix"), "-I", `imgc=${ROOT}`, "-o", found]);
  expect((await verified(found)).digests).toEqual(expected);
  const argument = ["--arg", "imgc", `import ${ROOT}/nix { pkgs = import <nixpkgs> { }; }`];
  await tool("nix", ["build", "-f", join(elsewhere, "images.nix"), ...argument, "-o", given]);
  expect((await verified(given)).digests).toEqual(expected);
});

test("several images are separate packages, and parameters are arguments", async () => {
  const text =
    'param release = "1"\nimage "base" { packages [ hello ] }\nimage "api" { base image "base" tag "v${$release}" }\n';
  const flake = join(folder(), "flake");
  await imgc("compile", files({ "two.imgspec": text }), "--nixpkgs", NIXPKGS, "--flake", flake);
  const expression = `
    let
      flake = builtins.getFlake "path:${flake}";
      system = builtins.currentSystem;
      api = release: (flake.lib.image system { inherit release; }).api.drvPath;
    in
    { names = builtins.attrNames (builtins.getAttr system flake.packages); changed = api "1" != api "2"; }`;
  await tool("nix", ["flake", "lock", `path:${flake}`]);
  const { stdout } = await tool("nix", ["eval", "--json", "--impure", "--expr", expression]);
  expect(JSON.parse(stdout)).toEqual({ names: ["api", "base", "default"], changed: true });
});

test("with its nixConfig accepted, a build fills and reads the caches", async () => {
  const pushed = folder();
  const spec = files({
    "cached.imgspec": `image "test/flake-cache" {
      files { "/app" text "${Date.now()}" }
      cache { binary-cache "./cache" { compression none keep 14d } push "file://${pushed}" store "./store" }
    }`,
  });
  const flake = join(folder(), "flake");
  const { stderr } = await imgc("compile", spec, "--nixpkgs", NIXPKGS, "--flake", flake);
  expect(stderr).toMatch(/^imgc: to use the caches, build the flake with .*--accept-flake-config/m);
  expect(stderr).toMatch(/^imgc: a flake cannot set `store`; /m);
  expect(stderr).toMatch(/^imgc: builds of the flake ignore `keep` and `max-size`; /m);
  const held = (cache: string) => readdirSync(cache).filter((name) => name.endsWith(".narinfo"));
  const [result, again] = [join(folder(), "result"), join(folder(), "again")];
  const args = ["build", `path:${flake}`, "--accept-flake-config", "-o"];
  await tool("nix", [...args, result]);
  expect(held(pushed).length).toBeGreaterThan(3);
  expect(held(join(dirname(spec), "cache")).toSorted()).toEqual(held(pushed).toSorted());

  const machine = freshMachine("substitute = true\nsubstituters =");
  const { stderr: log } = await machine.run("nix", ...args, again, "-L");
  expect(log).not.toContain("building '");
  expect(log).toContain("/nix/store/");
});

test("relative paths in Nix code start at its file, in every way to build", async () => {
  const spec = files({
    "code.imgspec": 'import ./shared/parts.imgspec\nimage "test/code" { tag "v1" store [ $greeting ] }',
    "shared/parts.imgspec": "let greeting = nix ''import ./parts { inherit writeText; }''",
    "shared/parts/default.nix": '{ writeText }: writeText "greeting" (builtins.readFile ./greeting.txt)',
    "shared/parts/greeting.txt": `hello ${Date.now()}`,
  });
  const { stdout } = await imgc("build", spec, "--json", "--no-link");
  const { images } = JSON.parse(stdout) as { images: { digest: string }[] };
  const digests = images.map(({ digest }) => digest);
  expect((await verified((await build(spec)).path)).digests).toEqual(digests);
  const [flake, result] = [join(folder(), "flake"), join(folder(), "result")];
  await imgc("compile", spec, "--nixpkgs", NIXPKGS, "--flake", flake);
  await tool("nix", ["build", `path:${flake}`, "-o", result]);
  expect((await verified(result)).digests).toEqual(digests);
});
