/** What `files`, `users`, `groups` and `env` can say, in one image on top of another, as a container has it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { build, files, folder, loadLayout, podman, verified } from "./tools.ts";

const SPEC = `
image "entries/base" {
  packages [ busybox ]
  files {
    "/bin/sh" link "/bin/busybox"
    "/opt/old/a" text "a"
    "/opt/old/b/c" text "c"
    "/opt/kept" text "kept"
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
  // Ports of the first thousand are root's, whatever this machine says otherwise.
  const limits = ["--sysctl", "net.ipv4.ip_unprivileged_port_start=1024", "--entrypoint", "/bin/busybox"];
  const shell = async (script: string) => (await podman(image, ["sh", "-c", script], limits)).stdout.trim().split("\n");
  expect(
    await shell(`
      id; echo $PATH; echo $MANPATH; echo $NEW; echo $EMPTY
      busybox grep -E '^(root|nobody|staff|empty):' /etc/passwd /etc/group
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
    "/opt/tool 755 1000:50",
    "/opt/tool/bin/tool 4705 1000:50",
    "/opt/tool/read 644 1000:50",
    // Ended from outside, as what runs on is; the last one ends by itself.
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
