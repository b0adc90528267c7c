/** An image contains only what it and its bases name. */
import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { build, failure, files, imgc, loadLayout, podman, tool, verified } from "./tools.ts";

const closureOf = (path: string): string[] => {
  return readImageDirectory(path).file.closure.map((entry) => entry.path);
};

test.each(["layer", "group", "image"])("with reuse %s, no source of a copied file is a store path", async (reuse) => {
  const text = `
    image "a" {
      files { "/etc/secret" copy ./secret.txt { mode 0600 } "/run-it" copy nix ''writeText "script" "#!''\${bash}/bin/sh"'' }
      permissions { "/nix/store/*-bash-*/bin/bash" { mode 0500 } }
      layers { layer "shell" [ bash ] }
      cache { reuse ${reuse} }
    }
    image "c" {
      files { "/app" copy ./app }
      permissions { "/nix/store/*-bash-*/bin/bsh" { mode 0500 } }
      layers { layer "shell" [ bash ] }
      cache { reuse ${reuse} }
    }
    image "b" { base image "a" files { "/b" text "b" "/again" copy ./secret.txt { mode 0600 } } cache { reuse ${reuse} } }`;
  const spec = files({ "test.imgspec": text, "secret.txt": "secret\n", "app/x": "" });
  const lost = `/nix/store/${"0".repeat(32)}-lost`;
  symlinkSync(lost, join(dirname(spec), "app/lost"));
  const { stderr } = await failure(imgc("build", spec, "--image", "c", "--no-link"));
  expect(stderr).toContain(`:9:15: error: the copied folder has the link lost to ${lost}, which is not in the image`);
  expect(stderr).toMatch(/:10:21: error: .*bin\/bsh matches no file that it can change in the image's store paths/);
  for (const attribute of ["a", "b"]) {
    const { path } = await build(spec, { attribute });
    await verified(path);
    const closure = closureOf(path);
    expect(closure.filter((each) => /-(secret\.txt|script)$/.test(each))).toEqual([]);
    expect(closure.some((each) => /-bash-[\d.]+$/.test(each))).toBe(true);
  }
});

const MERGED = `
image "base" {
  packages [ bash coreutils ]
  files {
    "/usr/bin/old" text "#!/bin/bash\\necho old\\n" { mode 0755 }
    "/var/run" link "/run"
    "/etc/conf" text "conf\\n"
    "/app" copy ./app
  }
}
image "child" {
  base image "base"
  provide [ users ]
  files {
    "/" copy ./rootfs
    "/usr/sbin" link "bin"
  }
  permissions {
    "/etc/conf" { mode 0600 owner "nobody" }
    "/app/data/**" { owner 7:8 }
    "/srv" { mode 0744 }
  }
  config { cmd [ "/bin/bash" "-c" "stat -c '%a %u:%g %n' / /etc/conf /app/start /app/data/x /srv /run/x; /usr/sbin/old; /usr/sbin/new; cat /etc/conf" ] }
}
`;

test("the files of a chain merge in a container as described", async () => {
  const spec = files({
    "test.imgspec": MERGED,
    "app/start": "",
    "app/data/x": "x",
    "rootfs/usr/bin/new": "#!/bin/bash\necho new\n",
    "rootfs/var/run/x": "",
    "rootfs/srv/x": "",
  });
  await tool("chmod", ["+x", join(dirname(spec), "rootfs/usr/bin/new")]);
  await verified((await build(spec, { attribute: "child" })).path);
  const image = await loadLayout((await build(spec, { attribute: "child.oci" })).path);
  expect((await podman(image)).stdout.split("\n")).toEqual([
    "755 0:0 /",
    "600 65534:65534 /etc/conf",
    "644 0:0 /app/start",
    "644 7:8 /app/data/x",
    "744 0:0 /srv",
    "644 0:0 /run/x",
    "old",
    "new",
    "conf",
    "",
  ]);
});
