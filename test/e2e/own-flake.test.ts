import { cpSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  build,
  cleanUp,
  failure,
  files,
  folder,
  imgc,
  registry as emptyRegistry,
  tool,
  verified,
  type Output,
} from "./tools.ts";

const ROOT = join(import.meta.dirname, "../..");
const NIXPKGS = `path:${join(ROOT, "test/nixpkgs")}`;
const SYSTEM = "x86_64-linux";

let release: string;
/** A flake registry with the tests' package set as `nixpkgs`. */
let registry: string;

beforeAll(() => {
  const from = { type: "indirect", id: "nixpkgs" };
  const flakes = [{ from, to: { type: "path", path: join(ROOT, "test/nixpkgs") } }];
  registry = files({ "registry.json": JSON.stringify({ version: 2, flakes }) });
  release = join(folder(), "imgc");
  const { files: names } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
  for (const name of [...names, "package.json", "LICENSE"])
    cpSync(join(ROOT, name), join(release, name), { recursive: true });
});

const SPEC = `param greeting = "hello"
image "x/base" { files { "/motd" copy ./motd } }
image "x/api" { base image "x/base" tag "v1" packages [ hello ] files { "/greeting" text $greeting } }`;

/** `nix` without the global flake registry. */
async function nix(...args: string[]): Promise<Output> {
  return tool("nix", args, { NIX_CONFIG: `${process.env["NIX_CONFIG"] ?? ""}\nflake-registry = ${registry}\n` });
}

/** A user's flake with these outputs. */
function flake(outputs: string, more: Record<string, string> = {}): string {
  const text = `{
    inputs.nixpkgs.url = "${NIXPKGS}";
    inputs.imgc.url = "path:${release}";
    inputs.imgc.inputs.nixpkgs.follows = "nixpkgs";
    outputs = { imgc, nixpkgs, ... }: let system = "${SYSTEM}"; in ${outputs};
  }`;
  return join(files({ "flake.nix": text, ...more }), "..");
}

async function built(of: string): Promise<string> {
  const link = join(folder(), "result");
  await nix("build", `path:${of}`, "-o", link);
  return readlinkSync(link);
}

test("the flake evaluates cleanly, and its programs run", async () => {
  const { stderr } = await nix("flake", "check", `path:${release}`, "--no-write-lock-file");
  // Nix 2.8 knows neither `lib` nor `flakeModules`; later versions check one system.
  const known = /lock file|unknown flake output '(?:lib|flakeModules)'|incompatible systems/;
  expect(stderr.split("\n").filter((line) => /warning|error/.test(line) && !known.test(line))).toEqual([]);

  const user = flake(`{ packages.\${system} = rec {
    default = (import nixpkgs { inherit system; overlays = [ imgc.overlays.default ]; }).imgc;
    fmt = imgc.formatter.\${system};
  }; apps = imgc.apps; }`);
  const overlaid = await built(user);
  expect((await tool(join(overlaid, "bin/imgc"), ["--version"], { PATH: "" })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(readdirSync(join(overlaid, "share")).toSorted()).toEqual(["bash-completion", "fish", "zsh"]);
  expect((await nix("run", `path:${user}`, "--", "--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);

  const spec = files({ "a.imgspec": 'image "a" {\npackages [ hello ] }\n' });
  await tool(join(await built(`${user}#fmt`), "bin/imgc-fmt"), [spec]);
  expect(readFileSync(spec, "utf8")).toBe('image "a" {\n  packages [ hello ]\n}\n');
});

test("buildSpec gives the digests of imgc build, from a committed expression and by compiling", async () => {
  const outputs = (params: string) => `{ packages.\${system} = rec {
    images = imgc.lib.\${system}.buildSpec { spec = ./images/two.imgspec; ${params} };
    default = images.api;
  }; }`;
  // An expression of the same name that is not imgc's is left alone.
  const others = { "images/two.nix": 'throw "not imgc\'s"', "images/motd": "hello" };
  const user = flake(outputs(""), { "images/two.imgspec": SPEC, ...others });
  const digests = (await verified((await build(join(user, "images/two.imgspec"), { attribute: "api" })).path)).digests;
  expect((await verified(await built(user))).digests).toEqual(digests);

  await imgc("compile", join(user, "images/two.imgspec"), "-o", join(user, "images/two.nix"));
  // Only the committed expression can be built.
  writeFileSync(join(user, "images/two.imgspec"), "");
  rmSync(join(user, "imgc.lock"), { force: true });
  expect((await verified(await built(user))).digests).toEqual(digests);

  const other = flake(outputs('params.greeting = "bye";'), { "images/two.imgspec": SPEC, "images/motd": "hello" });
  expect((await verified(await built(other))).digests).not.toEqual(digests);
});

test("the template builds an image", async () => {
  const project = join(folder(), "project");
  await nix("flake", "new", project, "-t", `path:${release}`);
  const link = join(folder(), "result");
  await nix("build", `path:${project}`, "-o", link, "--override-input", "imgc", `path:${release}`);
  expect((await verified(link)).paths).toBeGreaterThan(0);
});

test("the module of flake-parts makes packages, apps and checks of a project's specs", async () => {
  // Stubs of flake-parts and of nixpkgs' module system.
  const outputs = `let
      pkgs = import nixpkgs { inherit system; };
      lib = { mkOption = x: x; mkIf = condition: x: if condition then x else { }; types = { path = null; listOf = _: null; }; };
      flake-parts-lib.mkPerSystemOption = x: x;
      module = imgc.flakeModules.default { inherit lib flake-parts-lib; };
      perSystem = module.options.perSystem { config.imgc.specs = [ ./images/two.imgspec ]; inherit pkgs; };
    in { \${if perSystem.options ? imgc.specs then "packages" else "none"}.\${system} = perSystem.config.packages // {
      default = perSystem.config.packages.api;
    }; apps.\${system} = perSystem.config.apps; checks.\${system} = perSystem.config.checks; }`;
  const user = flake(outputs, { "images/two.imgspec": SPEC, "images/motd": "hello" });
  await built(user);
  expect((await nix("run", `path:${user}#api-verify`)).stdout).toContain("sha256:");
  const reference = `${await emptyRegistry()}/x/api:v1`;
  const pushed = await nix("run", `path:${user}#api-push`, "--", reference, "--insecure");
  expect(pushed.stdout).toContain(`@${(await verified(await built(user))).digests[0]}`);
  const local = "localhost/x/api:v1";
  cleanUp(async () => void (await tool("podman", ["rmi", "--force", "--ignore", local])));
  await nix("run", `path:${user}#api-load`, "--", "--into", "podman");
  await tool("podman", ["image", "exists", local]);
  const checked = await failure(nix("flake", "check", "-L", `path:${user}`));
  expect(checked.stderr).toContain("two.imgspec");
  await imgc("fmt", join(user, "images/two.imgspec"));
  await nix("flake", "check", `path:${user}`);
});

test("a checkout without dist/ names the command that makes it", async () => {
  const bare = join(folder(), "bare");
  cpSync(release, bare, { recursive: true });
  rmSync(join(bare, "dist"), { recursive: true });
  const expression = `(import ${bare} { pkgs = import ${join(ROOT, "test/nixpkgs")} { }; }).drvPath`;
  const { stderr } = await failure(tool("nix-instantiate", ["--eval", "-E", expression]));
  expect(stderr).toContain("npm ci && npm run build");
  expect(existsSync(join(bare, "dist"))).toBe(false);
});
