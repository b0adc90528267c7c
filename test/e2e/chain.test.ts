import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { build, buildText, failure, loadLayout, podman, registry, tool, verified } from "./tools.ts";

const CHAIN = join(import.meta.dirname, "chain/chain.imgspec");

interface Documents {
  manifest: {
    layers: { digest: string; size: number; mediaType: string }[];
    mediaType: string;
    annotations?: Record<string, string>;
  };
  config: {
    author?: string;
    created: string;
    config: Record<string, unknown>;
    rootfs: { diff_ids: string[] };
  };
  paths: string[];
}

function documents(path: string): Documents {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(path, name), "utf8"));
  return {
    manifest: read("manifest.json") as Documents["manifest"],
    config: read("config.json") as Documents["config"],
    paths: readImageDirectory(path).file.closure.map((entry) => entry.path),
  };
}

test("a chain of four images inherits layers, paths and config", async () => {
  const paths = [];
  for (const attribute of ["one", "two", "three", "four"]) paths.push((await build(CHAIN, { attribute })).path);
  const images = paths.map(documents);
  for (const path of paths) await verified(path);

  for (const [i, above] of images.entries()) {
    const below = images[i - 1];
    const digests = above.manifest.layers.map(({ digest }) => digest);
    // The base's layers are unchanged, and no other layer has one of their paths (checked by verify).
    expect(digests.slice(0, below?.manifest.layers.length ?? 0)).toEqual(
      below?.manifest.layers.map(({ digest }) => digest) ?? [],
    );
    expect(new Set(digests).size).toBe(digests.length);
    expect(above.paths).toEqual(expect.arrayContaining(below?.paths ?? []));
  }
  const configs = images.map(({ config }) => config.config);
  expect(configs[1]).toEqual({
    Cmd: ["/bin/cat", "/etc/motd"],
    Env: ["LEVEL=two", "ONLY=one"],
    WorkingDir: "/srv",
    Labels: { level: "two", "org.example.only": "one" },
    ExposedPorts: { "80/tcp": {}, "53/udp": {} },
    Volumes: { "/srv/data": {} },
  });
  // A new entry point drops the base's arguments, as a Dockerfile's does.
  expect(configs[2]).toEqual({ ...configs[1], Cmd: undefined, Entrypoint: ["/bin/hello"] });
  expect(configs[3]).toEqual({
    ...configs[2],
    Cmd: ["--greeting=four"],
    // The runtime adds a user's supplementary groups only if no group is given.
    User: "1000",
    WorkingDir: "/app",
    StopSignal: "SIGINT",
  });
  const four = images[3] as Documents;
  expect(four.config).toMatchObject({ author: "Ann <ann@example.org>", created: "2026-01-02T03:04:05Z" });
  expect(four.manifest.annotations).toEqual({ "org.example.note": '"four"' });
  expect(four.manifest.layers.length).toBeLessThanOrEqual(20);
});

test("files, users and permissions in the container are as described", async () => {
  const image = await loadLayout((await build(CHAIN, { attribute: "four.oci" })).path);
  expect((await podman(image)).stdout).toBe("four\n");
  const shell = async (script: string, ...options: string[]): Promise<string[]> =>
    (await podman(image, ["-c", script], ["--entrypoint", "/bin/sh", ...options])).stdout.trimEnd().split("\n");

  expect(await shell("id; pwd; /opt/app/start.sh; cat /app/settings")).toEqual([
    "uid=1000(api) gid=1000(api) groups=1000(api),2000(logs)",
    "/app",
    "started by api",
    expect.stringMatching(/^said by \/nix\/store\/.*-hello-[\d.]+$/),
  ]);
  const stat =
    "stat -c '%A %U:%G %Y %n' /app/start.sh /app/deep /app/deep/er/secret /app/settings /etc/motd /etc/one /srv/data /home/api /tmp";
  expect(await shell(stat, "--user", "0")).toEqual([
    "-rwxr-xr-x api:api 1 /app/start.sh",
    "drwxr-xr-x root:root 1 /app/deep",
    "-r-------- api:web 1 /app/deep/er/secret",
    "-rw-r--r-- root:root 1 /app/settings",
    "-rw------- api:logs 1 /etc/motd",
    "-rw-r--r-- root:root 1 /etc/one",
    "drwxr-x--- web:web 1 /srv/data",
    "drwx------ api:api 1 /home/api",
    "drwxrwxrwt root:root 1 /tmp",
  ]);
  // Packages of the base and of the image are linked into the same folder.
  expect(
    await shell(
      "cat /etc/motd /etc/one; readlink /app /opt/app; ls /bin/hello /bin/grep /bin/ls; head -c 27 /etc/ssl/certs/ca-bundle.crt; /usr/bin/env true && echo; grep -c : /etc/passwd",
      "--user",
      "0",
    ),
  ).toEqual(["three", "kept", "/app", "/bin/grep", "/bin/hello", "/bin/ls", "-----BEGIN CERTIFICATE-----", "4"]);
});

const FORMS = [
  { manifest: "oci", compression: "none", decompress: "cat", type: "application/vnd.oci.image.layer.v1.tar" },
  {
    manifest: "oci",
    compression: "zstd 9",
    decompress: "zstd -dc",
    type: "application/vnd.oci.image.layer.v1.tar+zstd",
  },
  {
    manifest: "oci",
    compression: "gzip 1",
    decompress: "gzip -dc",
    type: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  {
    manifest: "docker",
    compression: "gzip 9",
    decompress: "gzip -dc",
    type: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
  { manifest: "docker", compression: "none", decompress: "cat", type: "application/vnd.docker.image.rootfs.diff.tar" },
];

test("other tools compute the same digests for each form", async () => {
  const host = await registry();
  const diffIds = new Set<string>();
  for (const { manifest, compression, decompress, type } of FORMS) {
    const spec = `image "test/form" { packages [ hello ] manifest ${manifest} compression ${compression} }`;
    const { path } = await buildText(spec, { attribute: "oci" });
    const { digests } = await verified(path);
    const blob = (digest: string) => join(path, "blobs/sha256", digest.slice("sha256:".length));
    const shell = (script: string, ...args: string[]): string =>
      execFileSync("bash", ["-c", script, "bash", ...args], { encoding: "utf8" }).trim();
    const sha256 = (script: string, file: string) =>
      `sha256:${shell(`${script} < "$1" | sha256sum | cut -c 1-64`, file)}`;

    const [digest = ""] = digests;
    expect(sha256("cat", blob(digest))).toBe(digest);
    const parsed = JSON.parse(readFileSync(blob(digest), "utf8")) as Documents["manifest"] & {
      config: { digest: string };
    };
    const config = JSON.parse(readFileSync(blob(parsed.config.digest), "utf8")) as Documents["config"];
    for (const [i, layer] of parsed.layers.entries()) {
      expect(layer.mediaType).toBe(type);
      expect(sha256("cat", blob(layer.digest))).toBe(layer.digest);
      expect(shell('stat -Lc %s "$1"', blob(layer.digest))).toBe(String(layer.size));
      expect(sha256(decompress, blob(layer.digest))).toBe(config.rootfs.diff_ids[i]);
      // GNU tar reports nothing but a note about the root's name.
      expect(
        shell(
          `${decompress} < "$1" | tar -tf - 2>&1 | grep -v 'tar: Removing leading' | grep -v '^\\(\\|bin\\|nix\\|share\\|etc\\|lib\\)/' || true`,
          blob(layer.digest),
        ),
      ).toBe("");
    }
    diffIds.add(JSON.stringify(config.rootfs.diff_ids));
    const to = `docker://${host}/form:${manifest}-${compression.replace(" ", "-")}`;
    await tool("skopeo", [
      "--insecure-policy",
      "copy",
      "--quiet",
      "--preserve-digests",
      "--dest-tls-verify=false",
      `oci:${path}`,
      to,
    ]);
    const said = await tool("skopeo", ["inspect", "--tls-verify=false", to]);
    const inspected = JSON.parse(said.stdout) as { Digest: string; Layers: string[] };
    expect(inspected).toMatchObject({ Digest: digest, Layers: parsed.layers.map((layer) => layer.digest) });
  }
  // The layer streams of the forms are equal.
  expect(diffIds.size).toBe(1);
});

test("impossible requests fail at build time, with a remedy", async () => {
  const said = async (text: string, attribute?: string) =>
    (await failure(buildText(text, attribute === undefined ? {} : { attribute }))).stderr;

  const other = String.raw`nix ''derivation {
    name = "other-1.0";
    system = builtins.currentSystem;
    builder = "''${"$"}{bash}/bin/bash";
    args = [ "-c" "''${"$"}{coreutils}/bin/mkdir -p $out/bin; echo > $out/bin/hello" ];
  }''`;
  const both = (settled: string) => `image "a" { packages [ hello ${other} ] ${settled} }`;
  expect(await said(both(""))).toMatch(
    /hello-[\d.]+ and \/nix\/store\/\w+-other-1.0 have different files at \/bin\/hello: choose one of the files/,
  );
  await verified((await buildText(both('files { "/bin/hello" link "${hello}/bin/hello" }'))).path);

  expect(
    await said('image "b" { files { "/x" text "" } }\nimage "a" { base image "b" files { "/x/z" text "" } }', "a"),
  ).toContain("/x/z is below /x, which is a file of");
  expect(await said('image "b" { store [ hello ] }\nimage "a" { base image "b" manifest docker }', "a")).toContain(
    "compressed with zstd, which Docker manifests do not support",
  );
  expect(await said('image "a" { packages [ hello ] expect { absent [ glibc ] size < 1MB } }')).toMatch(
    /expect size < 1000000: the image has \d+ bytes.*\n.*expect absent glibc: \/nix\/store\/\S+-glibc-\S+ is in the image/,
  );
  const broken = 'image "a" { files { "/l" link "/gone" } config { cmd [ "/bin/sh" ] } }';
  const checks = await said(broken, "checks");
  expect(checks).toContain("config: the command /bin/sh cannot be run: /bin is not in the image");
  expect(checks).toContain("/l is a dangling link to /gone");
  await buildText(broken);
});
