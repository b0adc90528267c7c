/** Base images by other tools: OCI layouts written with GNU tar. */
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Path in the layer -> text of a file, or another kind of entry. */
export type Tree = Record<
  string,
  string | { link: string } | { hardLink: string } | { pipe: number } | { directory: number } | { bytes: Buffer }
>;

export interface Made {
  layers: Tree[];
  config?: object | null;
  platform?: { os: string; architecture: string; variant?: string };
  history?: object[] | null;
}

const digestOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** The tar of a tree, as GNU tar writes it. */
function tarOf(folder: string, tree: Tree): Buffer {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof content === "string") writeFileSync(at, content, { mode: content.startsWith("#!") ? 0o755 : 0o644 });
    else if ("bytes" in content) writeFileSync(at, content.bytes);
    else if ("link" in content) symlinkSync(content.link, at);
    else if ("hardLink" in content) linkSync(join(folder, content.hardLink), at);
    else if ("pipe" in content) execFileSync("mkfifo", ["-m", content.pipe.toString(8), at]);
    else {
      mkdirSync(at, { recursive: true });
      chmodSync(at, content.directory);
    }
  }
  const options = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  return execFileSync("tar", ["-C", folder, ...options, "-cf", "-", "."], { maxBuffer: 1 << 28 });
}

/** Writes an OCI layout with one image, or an index of several; returns its folder. */
export function ociLayout(folder: string, ...images: Made[]): string {
  const blobs = join(folder, "layout/blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Buffer, mediaType: string) => {
    const digest = digestOf(bytes);
    writeFileSync(join(blobs, digest), bytes);
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
  };
  const json = (value: object, mediaType: string) => put(Buffer.from(JSON.stringify(value)), mediaType);
  const oci = (name: string) => `application/vnd.oci.image.${name}`;
  const manifests = images.map(
    ({ layers, config = {}, platform = { os: "linux", architecture: "amd64" }, history }, i) => {
      const tars = layers.map((tree, n) => tarOf(join(folder, `tree-${i}-${n}`), tree));
      const rootfs = { type: "layers", diff_ids: tars.map((tar) => `sha256:${digestOf(tar)}`) };
      const manifest = {
        schemaVersion: 2,
        mediaType: oci("manifest.v1+json"),
        config: json({ ...platform, config, rootfs, ...(history !== undefined && { history }) }, oci("config.v1+json")),
        layers: tars.map((tar) => put(gzipSync(tar), oci("layer.v1.tar+gzip"))),
      };
      return { ...json(manifest, manifest.mediaType), platform };
    },
  );
  const index = { schemaVersion: 2, mediaType: oci("index.v1+json"), manifests };
  const top = manifests.length === 1 ? manifests : [json(index, index.mediaType)];
  writeFileSync(join(folder, "layout/index.json"), JSON.stringify({ ...index, manifests: top }));
  writeFileSync(join(folder, "layout/oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  return join(folder, "layout");
}

/** Like a distribution: `/bin` is a link, there are users, a setuid program, and a file that a layer removes. */
export const DISTRIBUTION: Made = {
  layers: [
    {
      "usr/bin/tool": "#!/bin/sh\n",
      bin: { link: "usr/bin" },
      "etc/passwd":
        "root:x:0:0:root:/root:/bin/bash\ndaemon:*:1:1:the daemon:/usr/sbin:/usr/sbin/nologin\napp:x:700:701::/srv:/bin/sh\n",
      "etc/group": "root:x:0:\ndaemon:x:1:\nstaff:x:50:daemon\napp:x:701:\n",
      tmp: { directory: 0o1777 },
      root: { directory: 0o700 },
      "etc/gone": "soon\n",
    },
    { "etc/.wh.gone": "", "srv/data": "1\n" },
  ],
  config: {
    Env: ["PATH=/usr/bin:/bin", "LANG=C"],
    Entrypoint: ["/usr/bin/tool"],
    Cmd: ["--serve"],
    Labels: { from: "base" },
    WorkingDir: "/srv",
    OnBuild: ["RUN true"],
  },
  history: [{ created_by: "ADD rootfs" }, { created_by: "ENV LANG=C", empty_layer: true }, { created_by: "RUN rm" }],
};
