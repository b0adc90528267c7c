/** Settings of `files`, `users`, `groups` and `env`, in an image on top of another, seen in a container. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ociLayout } from "./base-images.ts";
import { build, failure, files, folder, imgc, loadLayout, podman, tool, verified } from "./tools.ts";

const SPEC = `
image "entries/base" {
  packages [ busybox ]
  files {
    "/bin/sh" link "/bin/busybox"
    "/opt/old/a" text "a"
    "/opt/old/b/c" text "c"
    "/opt/kept" text "kept"
    "/opt/swap/a" text "a"
    "/srv/data/old" text "old"
  }
  config { env { PATH "/bin" MANPATH "/share/man" EMPTY "" } }
}
image "entries/api" {
  base image "entries/base"
  provide [ users ]
  users { api { uid 1000 gid 1000 groups [ "logs" ] } }
  groups { staff { gid 50 members [ api nobody ] } empty { gid 51 } }
  files {
    "/usr/bin/busybox-allowed" copy nix ''busybox + "/bin/busybox"'' { capabilities [ net-bind-service ] }
    "/usr/bin/busybox-other" copy nix ''busybox + "/bin/busybox"''
    "/usr/bin/busybox-denied" copy nix ''busybox + "/bin/busybox"''
    "/opt/tool" extract ./tool.tar.xz { strip 1 owner "api:staff" }
    "/opt/old" remove
    "/opt/swap" remove
    "/opt/swap" text "swapped"
    "/srv/data" remove
    "/srv/data/new" text "new"
  }
  permissions { "/usr/{bin,sbin}/*-oth[a-f]r" { capabilities [ net-bind-service ] } }
  config {
    user "api"
    env { PATH prepend "/usr/bin" MANPATH append "/opt/tool/man" NEW prepend "new" EMPTY append "x" }
  }
  layers { layer "programs" [ busybox hello ] { comment "what runs" } }
}
`;

test("an archive, capabilities, groups and extended variables are in the container", async () => {
  const home = folder();
  mkdirSync(join(home, "tool-1.0/bin"), { recursive: true });
  writeFileSync(join(home, "tool-1.0/bin/tool"), "#!/bin/sh\nid -u\n", { mode: 0o755 });
  writeFileSync(join(home, "tool-1.0/read"), "me\n");
  execFileSync("chmod", ["u+s,g=", join(home, "tool-1.0/bin/tool")]);
  execFileSync("tar", ["-C", home, "-cJf", join(home, "tool.tar.xz"), "tool-1.0"]);
  const { path } = await build(files({ "entries.imgspec": SPEC }, home), { attribute: "api.oci" });
  const { digests } = await verified(path);
  expect(digests).toHaveLength(1);

  const image = await loadLayout(path);
  // Ports below 1024 need the capability, whatever this machine's setting is.
  const limits = ["--sysctl", "net.ipv4.ip_unprivileged_port_start=1024", "--entrypoint", "/bin/busybox"];
  const shell = async (script: string) => (await podman(image, ["sh", "-c", script], limits)).stdout.trim().split("\n");
  expect(
    await shell(`
      id; echo $PATH; echo $MANPATH; echo $NEW; echo $EMPTY
      busybox grep -E '^(root|nobody|staff|empty):' /etc/passwd /etc/group
      busybox find /opt /srv | busybox sort
      busybox stat -c '%n %a %u:%g' /opt/tool /opt/tool/bin/tool /opt/tool/read
      for program in allowed other denied; do busybox timeout 1 busybox-$program httpd -f -p 80 2>/dev/null; echo $program $?; done
    `),
  ).toEqual([
    "uid=1000(api) gid=1000(api) groups=50(staff),1000(api),2000(logs)",
    "/usr/bin:/bin",
    "/share/man:/opt/tool/man",
    "new",
    "x",
    "/etc/passwd:root:x:0:0::/root:/bin/sh",
    "/etc/passwd:nobody:x:65534:65534::/var/empty:/bin/false",
    "/etc/group:empty:x:51:",
    "/etc/group:staff:x:50:nobody,api",
    "/etc/group:root:x:0:",
    "/opt",
    "/opt/kept",
    "/opt/swap",
    "/opt/tool",
    "/opt/tool/bin",
    "/opt/tool/bin/tool",
    "/opt/tool/read",
    "/srv",
    "/srv/data",
    "/srv/data/new",
    "/opt/tool 755 1000:50",
    "/opt/tool/bin/tool 4705 1000:50",
    "/opt/tool/read 644 1000:50",
    // Containers that keep running are stopped; the last one ends alone.
    "allowed 143",
    "other 143",
    "denied 1",
  ]);
  const manifest = JSON.parse(readFileSync(join(path, "index.json"), "utf8")) as { manifests: { digest: string }[] };
  const blob = (digest: string): unknown =>
    JSON.parse(readFileSync(join(path, "blobs", digest.replace(":", "/")), "utf8"));
  const { config } = blob(manifest.manifests[0]?.digest ?? "") as { config: { digest: string } };
  const { history } = blob(config.digest) as { history: { created_by: string; comment?: string }[] };
  expect(history.filter(({ comment }) => comment !== undefined)).toMatchObject([
    { created_by: 'imgc: layer "programs"', comment: "what runs" },
  ]);
});

test("removes files of foreign bases, and reports settings that are not inherited", async () => {
  const at = folder();
  // Unique, so that each run builds it.
  const nonce = { "etc/nonce": at };
  const layer = {
    "etc/gone": "x",
    "etc/kept": "y",
    "opt/all/a/b": "z",
    "usr/bin/tool": "t",
    bin: { link: "usr/bin" },
    ...nonce,
  };
  ociLayout(at, { layers: [layer], config: { OnBuild: ["RUN one", "RUN two"] }, history: null });
  const spec = (more: string) => files({ "on.imgspec": `image "on" { base layout ./layout\n${more} }` }, at);
  const good = spec('files { "/etc/gone" remove "/opt" remove "/bin/tool" remove "/new" text "n" }');
  // The second build makes nothing, and has the same note.
  const note = "the ONBUILD steps of the base layout are ignored: RUN one; RUN two";
  for (let i = 0; i < 2; i++)
    expect((await imgc("build", good, "-o", join(at, "result"))).stderr).toContain(`imgc: on: ${note}\n`);
  expect(await verified(join(at, "result"))).toMatchObject({ notes: [note] });
  const tar = (await imgc("export", join(at, "result"), "--to", "oci-archive", "-o", join(at, "on.tar"))).stdout;
  expect(tar).toBe("");
  await imgc("export", join(at, "result"), "--to", "tar", "-o", join(at, "flat.tar"));
  const flat = (await tool("tar", ["-tvf", join(at, "flat.tar")])).stdout.trim().split("\n");
  expect(flat.map((line) => line.replace(/^(\S+) (\S+) .*:\d\d (.*)$/, "$1 $2 $3"))).toEqual([
    "drwxr-xr-x 0/0 ./",
    "drwxr-xr-x 0/0 etc/",
    "drwxr-xr-x 0/0 usr/",
    "drwxr-xr-x 0/0 usr/bin/",
    "-rw-r--r-- 0/0 etc/kept",
    "-rw-r--r-- 0/0 etc/nonce",
    "-rw-r--r-- 0/0 new",
    "lrwxrwxrwx 0/0 bin -> usr/bin",
  ]);
  const listed = await tool("skopeo", ["inspect", "--config", `oci-archive:${at}/on.tar`]);
  expect(JSON.parse(listed.stdout)).toMatchObject({
    history: [{ created_by: "base" }, { created_by: "imgc: files" }],
  });

  const bad = spec(
    'files { "/etc/gone/" remove "/etc/no" remove "/opt/all/a/c" remove }\nlayers { max 1 }\npackages [ hello ]',
  );
  const refused = await failure(imgc("build", bad, "-o", join(at, "none")));
  expect(refused.code).toBe(1);
  for (const path of ["/etc/no", "/opt/all/a/c"])
    expect(refused.stderr).toContain(`the base has no file or folder at ${path} to remove`);
  const small = await failure(imgc("build", spec("packages [ hello ]\nlayers { max 1 }"), "-o", join(at, "none")));
  expect(small.code).toBe(1);
  expect(small.stderr).toMatch(/on\.imgspec:3:10: error: max 1 is too low: layers of the base: 1, of files/);
  const none = await failure(imgc("build", spec('files { "/x" text "x" }\nlayers { max 1 }'), "-o", join(at, "none")));
  expect(none.stderr).toContain("raise max to 2 or more");
});
