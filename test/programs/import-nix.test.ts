import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, files, imgc } from "../e2e/tools.ts";

interface Config {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  ExposedPorts?: object;
  Labels?: object;
}

/** Imports an expression, builds the description, and returns its text and the configuration of the last image. */
async function imported(
  expression: string,
  name = "image.nix",
): Promise<{ text: string; config: Config; output: string }> {
  const file = files({ [name]: expression, "src/app.py": "print('hi')\n" });
  const spec = join(file, "../imported.imgspec");
  await imgc("import", file, "-o", spec);
  const { stdout } = await imgc("build", spec, "--json", "--no-link");
  const { output } = (JSON.parse(stdout) as { images: { name: string; output: string }[] }).images.find(
    (each) => !each.name.endsWith("base"),
  ) as { output: string };
  const { config } = JSON.parse(readFileSync(join(output, "config.json"), "utf8")) as { config: Config };
  return { text: readFileSync(spec, "utf8"), config, output };
}

test("dockerTools.buildImage: packages of buildEnv, files and configuration", async () => {
  const { text, config } = await imported(`{ pkgs ? import <nixpkgs> { } }:
    pkgs.dockerTools.buildImage {
      name = "shop/web";
      tag = "v1";
      copyToRoot = pkgs.buildEnv {
        name = "root";
        paths = [ pkgs.coreutils pkgs.bash (pkgs.writeTextDir "etc/motd" "hello from \${pkgs.hello}\\n") ];
        pathsToLink = [ "/bin" "/etc" ];
      };
      config = {
        Cmd = [ "\${pkgs.hello}/bin/hello" "--greeting=\\$x" ];
        Env = [ "A=b=c" ];
        ExposedPorts."80/tcp" = { };
        WorkingDir = "/";
        User = "1000";
        Labels.vendor = "Example";
      };
    }`);
  expect(text).toContain("packages [ coreutils bash ]");
  expect(text).toContain('"/etc/motd" text "hello from ${hello}\\n"');
  expect(text).not.toContain("#  ");
  expect(config).toMatchObject({
    Cmd: [expect.stringMatching(/^\/nix\/store\/.*-hello-.*\/bin\/hello$/), "--greeting=$x"],
    Env: ["A=b=c"],
    ExposedPorts: { "80/tcp": {} },
    WorkingDir: "/",
    User: "1000",
    Labels: { vendor: "Example" },
  });
});

test("dockerTools.buildLayeredImage on an image: both are images, and commands are comments", async () => {
  const { text, config } = await imported(`{ dockerTools, bash, python3, writeShellScriptBin, buildEnv }:
    let
      base = dockerTools.buildImage { name = "shop/base"; copyToRoot = [ bash dockerTools.fakeNss dockerTools.caCertificates ]; };
      python = python3.withPackages (p: [ p.flask ]);
    in
    dockerTools.buildLayeredImage {
      name = "shop/api";
      fromImage = base;
      maxLayers = 50;
      contents = [ (writeShellScriptBin "start" "exec \${python}/bin/python3 /app.py") ./src ];
      fakeRootCommands = "mkdir /data";
      config.Entrypoint = [ "/bin/start" ];
      config.Env = [ "PYTHON=\${python}" ];
    }`);
  expect(text).toContain('base image "shop/base"');
  expect(text).toContain("let python3-env = nix ''python3.withPackages (p: [ p.flask ])''");
  expect(text).toContain("provide [ users certificates ]");
  expect(text).toContain(
    '"/bin/start" text "#!${bash}/bin/bash\\nexec ${$python3-env}/bin/python3 /app.py" { mode 0755 }',
  );
  expect(text).toMatch(/"\/" +copy \.\/src/);
  expect(text).toMatch(/# fakeRootCommands:\n\s+# mkdir \/data\n\s+# imgc runs no commands/);
  expect(text).toContain("max 50");
  expect(config.Entrypoint).toEqual(["/bin/start"]);
  expect(config.Env?.[0]).toMatch(/^PYTHON=\/nix\/store\/.*-python3-/);
});

test("nix2container in a flake: layers, and an image from a registry", async () => {
  const digest = `sha256:${"1".repeat(64)}`;
  const flake = (base: string) =>
    `{
    inputs.nix2container.url = "github:nlewo/nix2container";
    outputs = { self, nixpkgs, nix2container }: {
      packages.x86_64-linux.default =
        let
          pkgs = nixpkgs.legacyPackages.x86_64-linux;
          n2c = nix2container.packages.x86_64-linux.nix2container;
        in
        n2c.buildImage {
          name = "shop/worker";
          \${base}
          layers = [ (n2c.buildLayer { deps = [ pkgs.hello pkgs.jq ]; }) ];
          copyToRoot = pkgs.coreutils;
          initializeNixDatabase = false;
          config = { entrypoint = [ "\${pkgs.hello}/bin/hello" ]; };
        };
    };
  }`.replace("${base}", base);
  const { text, config } = await imported(flake(""), "flake.nix");
  expect(text).toContain('layer "layer-1" [ hello jq ]');
  expect(config.Entrypoint?.[0]).toMatch(/-hello-/);

  const pulled = `fromImage = n2c.pullImage { imageName = "library/alpine"; imageDigest = "${digest}"; sha256 = ""; };`;
  const { stdout } = await imgc("import", files({ "flake.nix": flake(pulled) }));
  expect(stdout).toContain(`base registry "docker.io/library/alpine@${digest}"`);
});

test("an expression that fails, or makes no image, says so", async () => {
  const cases: [string, RegExp][] = [
    ["{ pkgs }: pkgs.hello", /makes no image with dockerTools or nix2container/],
    ['{ pkgs }: throw "not today"', /Nix cannot evaluate the expression:[\s\S]*not today/],
    ["{ pkgs }: {", /Nix cannot evaluate the expression/],
  ];
  for (const [expression, message] of cases) {
    const failed = await failure(imgc("import", files({ "image.nix": expression })));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(message);
  }
});

test("import replaces no file, and names the kinds if it cannot tell one", async () => {
  const file = files({ Dockerfile: "FROM scratch\n", "image.imgspec": "", thing: "x" });
  expect(await failure(imgc("import", file, "-o", join(file, "../image.imgspec")))).toMatchObject({ code: 2 });
  expect(await failure(imgc("import", file, "-o", "/tmp/elsewhere.imgspec"))).toMatchObject({ code: 2 });
  const unknown = await failure(imgc("import", join(file, "../thing")));
  expect(unknown.stderr).toContain("--from dockerfile|apko|nix");
});
