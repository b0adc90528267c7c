import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exampleOf, specOf } from "../docs/coming-from.ts";
import { failure, files, IMGC, imgc, tool } from "../e2e/tools.ts";

interface Config {
  Healthcheck?: object;
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
      extraCommands = "mkdir ./data; chmod 700 data && chown 1000 ./data";
      fakeRootCommands = "date > data/made";
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
  expect(text).toMatch(/"\/data" +directory \{ mode 0700 owner 1000 \}/);
  expect(text).toMatch(/# fakeRootCommands: date > data\/made\n\s+# imgc runs no commands/);
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

test("dockerTools with files that the expression makes: the description makes them as well", async () => {
  const { text, config, output } = await imported(`{ pkgs ? import <nixpkgs> { } }:
    let
      port = "8080";
      conf = pkgs.writeText "site.conf" "listen \${port} in \${./src}; cost $5 \\"quoted\\"\\n";
      start = pkgs.writeScript "start" "#!\${pkgs.bash}/bin/bash\\nexec cat \${conf}\\n";
      extra = pkgs.writeShellScriptBin "extra" "echo extra";
      app = pkgs.runCommand "app" { greeting = "hi"; } "mkdir -p $out/bin; echo $greeting > $out/bin/app";
    in
    pkgs.dockerTools.streamLayeredImage {
      name = "shop/site";
      created = "2024-05-01T10:00:00Z";
      contents = [ pkgs.dockerTools.fakeNss app ];
      extraCommands = "mkdir -p tmp/cache";
      uid = 1000;
      config = {
        Cmd = [ start conf "\${app}/bin/app" "\${extra}/bin/extra" "\${./src}/app.py" ];
        Healthcheck = { Test = [ "CMD" start ]; Interval = 30000000000; Retries = 3; };
        Labels.data = "\${conf}";
        Hostname = "site";
      };
    }`);
  expect(text).toContain('created "2024-05-01T10:00:00Z"');
  expect(text).toContain("# uid = 1000 has no setting: the owner of files");
  expect(text).toContain('# config.Hostname = "site" has no setting');
  expect(text).toMatch(/"\/tmp\/cache" +directory/);
  const [start = "", conf = "", app = "", extra = "", source = ""] = config.Cmd ?? [];
  expect(config.Healthcheck).toEqual({ Test: ["CMD", start], Interval: 30_000_000_000, Retries: 3 });
  expect(config.Labels).toEqual({ data: conf });
  const read = async (path: string) => (await tool("cat", [path])).stdout;
  expect(await read(conf)).toBe(`listen 8080 in ${source.replace(/\/app\.py$/, "")}; cost $5 "quoted"\n`);
  expect(await read(start)).toMatch(/^#!\/nix\/store\/.*\/bin\/bash\nexec cat \/nix\/store\/.*-site\.conf\n$/);
  expect(await read(app)).toBe("hi\n");
  expect(await read(source)).toBe("print('hi')\n");
  expect((await tool(extra, [])).stdout).toBe("extra\n");
  expect(readFileSync(join(output, "manifest.json"), "utf8")).toContain("docker.distribution.manifest");
});

test("all functions of dockerTools are converted, or have a comment", async () => {
  const digest = `sha256:${"2".repeat(64)}`;
  const file = files({
    "image.nix": `{ pkgs ? import <nixpkgs> { } }:
    let dt = pkgs.dockerTools; in
    rec {
      redis = dt.buildImage {
        name = "redis";
        copyToRoot = pkgs.buildEnv { name = "root"; paths = [ pkgs.bash ]; pathsToLink = [ "/bin" ]; };
        runAsRoot = ''
          #!\${pkgs.runtimeShell}
          \${dt.shadowSetup}
          # The server's user.
          groupadd -r redis
          useradd -r -g redis -d /data redis
          mkdir /data
          chown redis:redis /data
          chown other /data
          ln -s \${pkgs.bash}/bin/bash /bin/sh
        '';
        config = { Cmd = [ "/bin/redis-server" ]; WorkingDir = "/data"; Volumes."/data" = { }; };
        diskSize = 1024;
      };
      shell = dt.streamNixShellImage { name = "dev"; drv = pkgs.hello; command = "hello"; };
      merged = dt.mergeImages [ redis shell ];
      pulled = dt.buildImage {
        name = "pulled";
        fromImage = dt.pullImage {
          imageName = "nixos/nix"; imageDigest = "${digest}"; hash = ""; finalImageTag = "2"; os = "linux"; arch = "x86_64";
        };
        fromImageName = "nix";
      };
      files = dt.exportImage { fromImage = redis; };
      nix = dt.buildLayeredImageWithNixDb { name = "nix"; contents = [ pkgs.nix ]; includeStorePaths = false; };
    }`,
  });
  const { stdout } = await imgc("import", file);
  for (const part of [
    "# mergeImages: `imgc export SPEC --image redis --image dev --to docker-archive -o FILE` writes one archive.",
    "# exportImage: `imgc export SPEC --image redis --to tar -o FILE` writes the file system.",
    'image "redis" {\n  # runAsRoot: ',
    '"/data" directory { owner "redis:redis" }',
    'redis { uid 1000 gid 1000 home "/data" }',
    'workdir "/data"',
    'image "dev" {\n  # command = "hello" has no setting',
    "shell [ hello ]",
    `base registry "docker.io/nixos/nix@${digest}"`,
    '# fromImageName = "nix" has no setting',
    "# includeStorePaths = false has no setting",
    "nix { }",
  ])
    expect(stdout).toContain(part);
});

test("nix2container: scripts, nested layers, and an image from a manifest", async () => {
  const expression = (more: string) => `{ pkgs, nix2container }:
    let
      conversation = pkgs.writeScript "conversation" "\${pkgs.hello}/bin/hello\necho done\n";
      shell = nix2container.buildLayer { deps = [ pkgs.bash ]; };
      tools = nix2container.buildLayer {
        layers = [ shell ];
        copyToRoot = [ pkgs.coreutils ];
        perms = [ { path = pkgs.coreutils; regex = ".*"; mode = "0755"; } ];
        reproducible = false;
        maxLayers = 3;
        metadata.author = "ann";
      };
    in
    nix2container.buildImage {
      name = "conversation";
      config.entrypoint = [ "\${pkgs.bash}/bin/bash" conversation ];
      layers = [ tools (nix2container.buildLayer { deps = [ conversation ./src ]; ignore = pkgs.jq; }) ];
      nixUid = 1000;
      ${more}
    }`;
  const { text, config } = await imported(expression("maxLayers = 10;"));
  for (const part of [
    "store [ bash $conversation $src ]",
    "# perms: mode 0755 for all files of a package",
    "# buildLayer: reproducible = false stores the layer",
    "# buildLayer: maxLayers = 3 has no setting",
    '# buildLayer: metadata = {"author":"ann"} has no setting',
    '# buildLayer: ignore = "${jq}" has no setting',
    "# nixUid = 1000 has no setting: the owner of the store is `user` in nix",
    'layer "layer-1" [ bash ]',
    'layer "layer-2" [ coreutils ]',
    'layer "layer-3" [ $conversation $src ]',
  ])
    expect(text).toContain(part);
  const [bash = "", script = ""] = config.Entrypoint ?? [];
  expect((await tool(bash, [script])).stdout).toBe("Hello, world!\ndone\n");

  const manifest = `fromImage = nix2container.pullImageFromManifest {
    imageName = "library/alpine"; imageManifest = ./src/app.py; imageTag = "3.20"; registryUrl = "registry.example.org";
  };`;
  const { stdout } = await imgc("import", files({ "image.nix": expression(manifest), "src/app.py": "" }));
  expect(stdout).toContain('base registry "registry.example.org/library/alpine:3.20"');
  expect(stdout).toContain("# fromImage: imgc.lock replaces imageManifest");
});

test("docs/coming-from.md: imports of the calls give the descriptions beside them", async () => {
  const base = 'pkgs.dockerTools.buildImage { name = "shop/base"; copyToRoot = pkgs.dockerTools.binSh; }';
  const expressions = {
    dockerTools: `{ pkgs }: let base = ${base}; in ${exampleOf("dockerTools", "nix")}`,
    nix2container: `{ pkgs, nix2container }: let worker = pkgs.writeScriptBin "worker" ""; in ${exampleOf("nix2container", "nix")}`,
  };
  for (const [section, expression] of Object.entries(expressions)) {
    const { stdout } = await imgc("import", files({ "image.nix": expression }));
    const worker = /^let worker = .*$/m.exec(stdout)?.[0] ?? "";
    // The import makes up names of layers.
    const written = exampleOf(section, "imgspec")
      .replace('"python"', '"layer-1"')
      .replace(/^let .*$/m, worker);
    expect(specOf(stdout)).toEqual(specOf(written));
  }
});

test("a store path of an unknown function gets a place for its expression", async () => {
  const expression = `{ pkgs }: pkgs.dockerTools.buildImage {
    name = "a";
    config.Cmd = [ "\${derivation { name = "odd"; system = "x"; builder = "y"; }}/bin/odd" ];
  }`;
  const file = files({ "image.nix": expression });
  const { stdout } = await imgc("import", file);
  expect(stdout).toContain(`let odd = nix ''throw "write the expression of odd here"''`);
  expect(stdout).toContain('cmd [ "${$odd}/bin/odd" ]');
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
  expect(await failure(imgc("import", join(file, "..")))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is a folder; name a Dockerfile, a .nix file or an apko file in it") as string,
  });
  const set = tool(process.execPath, [IMGC, "import", files({ "image.nix": "1" })], { NIX_PATH: "" });
  expect(await failure(set)).toMatchObject({
    code: 3,
    stderr: "imgc: Nix finds no <nixpkgs>; name a package set with --nixpkgs\n",
  });
});
