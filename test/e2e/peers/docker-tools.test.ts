/** The assertions of nixpkgs' tests of dockerTools, for images of imgc. README.md in this folder lists them. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { buildText, cleanUp, failure, files, folder, imgc, podman, tool, verified } from "../tools.ts";
import { Images } from "./images.ts";
import { onImages } from "../../../src/publish/engine-images.ts";

const SPEC = `
image "peers/bash" { packages [ bashInteractive coreutils ] }

image "registry-1.docker.io/layered" {
  tag "latest"
  packages [ hello bash coreutils ]
  files { "/extra" text "(extra)\\n" "/hello.txt" copy ./hello.txt }
  config { cmd [ "\${hello}/bin/hello" ] }
}
image "peers/another" { config { cmd [ "\${hello}/bin/hello" ] } }
image "peers/on-top" {
  base image "registry-1.docker.io/layered"
  files { "/example" directory { mode 0777 } }
  config {
    env { PATH "\${coreutils}/bin" }
    workdir "/example"
    cmd [ "\${bash}/bin/bash" "-c" "echo hello > foo; cat foo" ]
  }
}

image "peers/l1" {
  files { "/order/1" text "one\\n" "/order/2" text "one\\n" "/order/3" text "one\\n" }
  config { env { FROM_PARENT "true" LAST_LAYER "parent" } }
}
image "peers/l2" { base image "peers/l1" files { "/order/2" text "two\\n" "/order/3" text "two\\n" } }
image "peers/l3" {
  base image "peers/l2"
  packages [ bash coreutils ]
  files { "/order/3" text "three\\n" }
  config { env { FROM_CHILD "true" LAST_LAYER "child" } }
}

image "peers/two" { packages [ bash hello ] layers { max 2 } }
image "peers/bulk" { base image "peers/two" packages [ coreutils hello ] layers { max 4 } }

image "peers/no-store" {
  files { "/bin/busybox" copy nix ''busybox + "/bin/busybox"'' "/bin/ls" link "busybox" }
}

let script = nix ''writeText "script" "cat ''\${writeText "somefile" "some data"}"''
image "peers/nix" {
  packages [ coreutils bash ]
  store [ $script ]
  nix { settings { substitute "false" } }
}

let symlink = nix ''
  derivation {
    name = "symlink";
    inherit (bash) system;
    builder = "''\${bash}/bin/bash";
    args = [ "-c" "''\${coreutils}/bin/ln -s ''\${hello} $out; exit" ];
  }
''
image "peers/owners" {
  packages [ coreutils bash ]
  provide [ certificates tmp ]
  store [ $symlink ]
  users { somebody { uid 999 gid 999 } jane { uid 1000 gid 1000 } }
  files {
    "/home/jane" directory { owner "jane" }
    "/testfile" text "" { owner 12345:12345 }
    "/var/log/nginx" directory
  }
  permissions { "/nix/store/*-coreutils-*/bin/stat" { owner 1000:1000 } }
  config { labels { symlink "\${$symlink}" } }
}

image "peers/arm" { platforms [ linux/arm64 ] files { "/x" text "x" } }
image "peers/now" { created now files { "/x" text "x" } }
`;

const images = new Images();
beforeAll(async () => {
  const spec = files({ "docker-tools.imgspec": SPEC, "hello.txt": "hello\n" });
  await images.build(spec, "bash layered another on-top l3 two bulk no-store nix owners arm now".split(" "));
});

const shell = (image: string, script: string, ...options: string[]) =>
  images.run(image, ["bash", "-ec", script], ...options);

test("the date is fixed by default, and the time of the build with `created now`", () => {
  expect(images.config("bash").created).toBe("1970-01-01T00:00:01Z");
  expect(Date.now() - Date.parse(images.config("now").created)).toBeLessThan(3_600_000);
});

test("the tag is the given one, or a hash of the content; a name may include a registry", () => {
  expect(images.nameOf("layered")).toBe("registry-1.docker.io/layered:latest");
  expect(images.nameOf("bash")).toBe(`peers/bash:${images.digestOf("bash").slice("sha256:".length).slice(0, 32)}`);
});

test("a shell runs", async () => {
  expect(await shell("bash", "bash --version")).toMatch(/^GNU bash, version/);
});

test("packages run, and copied files are in the image", async () => {
  expect(await images.run("layered")).toBe("Hello, world!\n");
  expect(await shell("layered", "cat /extra /hello.txt")).toBe("(extra)\nhello\n");
});

test("images on other images run, with a world-writable folder", async () => {
  expect(await images.run("on-top", [], "--user", "1234")).toBe("hello\n");
});

test("images with the same packages share layers", () => {
  const shared = images.layers("layered").filter((digest) => images.layers("another").includes(digest));
  expect(shared.length).toBeGreaterThan(0);
});

test("base layers come first, in order; variables are inherited without duplicates", async () => {
  const lines = (await shell("l3", "cat /order/1 /order/2 /order/3; env")).split("\n");
  expect(lines.slice(0, 3)).toEqual(["one", "two", "three"]);
  expect(lines).toEqual(expect.arrayContaining(["FROM_PARENT=true", "FROM_CHILD=true", "LAST_LAYER=child"]));
  expect(images.config("l3").config.Env?.filter((each) => each.startsWith("LAST_LAYER="))).toHaveLength(1);
});

test("a low limit of layers holds all packages and counts base layers", async () => {
  expect(images.layers("two").length).toBeLessThanOrEqual(2);
  expect(images.layers("bulk").length).toBeLessThanOrEqual(4);
  expect(await images.run("bulk", ["ls", "/bin/hello"])).toBe("/bin/hello\n");
});

test("an image without packages has no store", async () => {
  expect(await images.run("no-store", ["/bin/ls", "/"])).toContain("bin\n");
  await expect(images.run("no-store", ["/bin/ls", "/nix/store"])).rejects.toThrow();
});

test("the Nix database lists the image's store paths; programs that are links stay links", async () => {
  const lines = (
    await shell(
      "nix",
      `nix=$(readlink -f /bin/nix); nix=\${nix%/bin/nix}
      case "$(nix-store -qR $nix)" in *"$nix"*) echo known;; esac
      nix-store --verify --check-contents 2>/dev/null && echo verified
      readlink $nix/bin/nix-store
      for each in /nix/store/*-script; do . $each; done`,
    )
  ).split("\n");
  expect(lines).toEqual(["known", "verified", "nix", "some data"]);
});

test("owners and modes are as described, for every user; links in the store stay links", async () => {
  const { symlink } = images.config("owners").config.Labels as { symlink: string };
  const lines = await shell(
    "owners",
    `id -un
    stat -c '%a' /nix /nix/store
    stat -c '%u' /home/jane
    stat -c '%u:%g' /testfile $(readlink -f /bin/stat)
    test -L ${symlink} && echo link
    test -d /var/log/nginx && echo folder
    for each in /etc/ssl/certs/ca-bundle.crt /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
      test -r $each && echo readable
    done`,
    "--user",
    "somebody",
  );
  expect(lines.trimEnd().split("\n")).toEqual([
    "somebody",
    "755",
    "755",
    "1000",
    "12345:12345",
    "1000:1000",
    "link",
    "folder",
    ...Array.from({ length: 3 }, () => "readable"),
  ]);
});

test("an image for another platform names that platform", () => {
  expect(images.config("arm").architecture).toBe("arm64");
});

test("a base may name a layer twice", async () => {
  const root = folder();
  mkdirSync(join(root, "content"));
  writeFileSync(join(root, "content/f"), "");
  await tool("tar", ["-C", join(root, "content"), "-cf", join(root, "layer.tar"), "."]);
  const digest = createHash("sha256")
    .update(readFileSync(join(root, "layer.tar")))
    .digest("hex");
  const ids = [digest, digest].map((each) => `sha256:${each}`);
  const config = { architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: ids } };
  const manifest = [{ Config: "config.json", RepoTags: [], Layers: ["layer.tar", "layer.tar"] }];
  files({ "config.json": JSON.stringify(config), "manifest.json": JSON.stringify(manifest) }, root);
  const archive = join(root, "base.tar");
  await tool("tar", ["-C", root, "-cf", archive, "manifest.json", "config.json", "layer.tar"]);
  const { path } = await buildText(`image "peers/repeated" { base archive ${archive} files { "/g" text "g" } }`);
  expect(await verified(path)).toMatchObject({ layers: 3 });
});

test("an exported file system has the image's programs", async () => {
  const { path } = await buildText('image "peers/flat" { packages [ bashInteractive ] }');
  const archive = join(folder(), "flat.tar");
  await imgc("export", path, "--to", "tar", "-o", archive);
  const { stdout } = await tool("tar", ["-tf", archive]);
  expect(stdout.split("\n")).toContain("bin/bash");
});

test("several images load from one archive, with their owners; a layout names each", async () => {
  const stem = `localhost/peers-merged-${Date.now()}`;
  const spec = files({
    "merged.imgspec": `
      image "${stem}/below" {
        tag "v1"
        files { "/bin/busybox" copy nix ''busybox + "/bin/busybox"'' "/below" text "" { owner 12345:12345 } }
      }
      image "${stem}/left" { tag "v2" base image "${stem}/below" files { "/own" text "left" { owner 1001:1001 } } }
      image "${stem}/right" { tag "v3" base image "${stem}/below" files { "/own" text "right" { owner 1002:1002 } } }`,
  });
  const [left, right] = [`${stem}/left`, `${stem}/right`];
  const exported = async (form: string, output: string) => {
    await imgc("export", spec, "--image", left, "--image", right, "--to", form, "-o", output);
    return output;
  };
  const archive = await exported("docker-archive", join(folder(), "merged.tar"));
  expect((await verified(archive)).digests).toHaveLength(2);
  const { stdout: listed } = await tool("tar", ["-tf", archive]);
  // The base's layer, which both have, and one of each.
  expect(listed.match(/\.tar$/gm)).toHaveLength(3);
  cleanUp(() => onImages("podman", ["rmi", "--force", `${left}:v2`, `${right}:v3`]));
  await tool("podman", ["load", "--quiet", "--input", archive]);
  const stat = ["/bin/busybox", "stat", "-c", "%u:%g", "/below", "/own"];
  expect((await podman(`${left}:v2`, stat)).stdout).toBe("12345:12345\n1001:1001\n");
  expect((await podman(`${right}:v3`, stat)).stdout).toBe("12345:12345\n1002:1002\n");
  const layout = await exported("oci", join(folder(), "layout"));
  const { digests } = await verified(layout);
  const named = [`${left}:v2`, `${right}:v3`].map(async (name) => {
    const { stdout } = await tool("skopeo", ["inspect", `oci:${layout}:${name}`]);
    return (JSON.parse(stdout) as { Digest: string }).Digest;
  });
  expect(await Promise.all(named)).toEqual(digests);
  const flat = await failure(imgc("export", spec, "--image", left, "--image", right, "--to", "tar"));
  expect([flat.code, flat.stderr]).toEqual([2, expect.stringContaining("one image, not 2")]);
});
