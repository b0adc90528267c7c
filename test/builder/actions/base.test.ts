/** The base action, and images on top of a base made elsewhere. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { base } from "../../../src/builder/actions/base.ts";
import { BaseFile } from "../../../src/builder/base/contents.ts";
import { ContentFile } from "../../../src/image/content-file.ts";
import { readPlan } from "../../../src/builder/own-files.ts";
import { MAX_DOCUMENT } from "../../../src/oci/documents.ts";
import { verify } from "../../../src/verify/verify.ts";
import { folder } from "../../e2e/tools.ts";
import { tarOf, type OddEntry } from "../../fuzz/odd-layers.ts";
import { packedLayer, TestLayout } from "../../test-layout.ts";
import { baseOf, file, layoutOf, onTop, PLATFORM } from "./on-top.ts";
import { TestStore } from "./test-store.ts";

const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

const PASSWD = "root:x:0:0::/root:/bin/bash\napp:x:700:701::/srv:/bin/sh\nbroken line\n";

test("a base has the content, the plan and the recipes of its image", async () => {
  const store = new TestStore();
  const layout = layoutOf(
    [
      [
        file("etc/passwd", PASSWD),
        file("etc/group", "root:x:0:\nstaff:x:50:app\n"),
        { type: "5", name: "usr" },
        { type: "5", name: "usr/bin" },
        { type: "2", name: "bin", target: "usr/bin" },
        file("usr/bin/tool", "tool", 0o755),
        file("etc/gone", "soon"),
      ],
      [file("etc/.wh.gone", ""), file("srv/data", "1")],
    ],
    { Env: ["LANG=C"], Cmd: ["/bin/tool"], OnBuild: ["RUN true"] },
  );
  const { out } = await baseOf(store, layout.path);
  const made = ContentFile.parse(read(join(out, "content.json")));
  expect(made.users).toEqual([
    { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/bash", groups: [] },
    { name: "app", uid: 700, gid: 701, home: "/srv", shell: "/bin/sh", groups: ["staff"] },
  ]);
  expect(made.groups).toEqual({ root: 0, staff: 50 });
  expect(made.config).toEqual({ Env: ["LANG=C"], Cmd: ["/bin/tool"] });
  expect(made.notes).toEqual([expect.stringMatching(/^the ONBUILD steps of the base .* are ignored: RUN true$/)]);
  expect(made.root.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    "link /bin",
    "directory /etc",
    "text /etc/group",
    "text /etc/passwd",
    "directory /srv",
    "directory /usr",
    "directory /usr/bin",
  ]);
  const others = z.array(BaseFile).parse(read(join(out, "files.json")));
  expect(others.map((each) => [each.path, "layer" in each ? each.layer : undefined])).toEqual([
    ["/srv/data", 1],
    ["/usr/bin/tool", 0],
  ]);
  expect(readPlan(join(out, "plan.json")).layers.map(({ paths }) => paths)).toEqual([[], []]);
  const recipes = readdirSync(join(out, "layers")).map((name) => read(join(out, "layers", name)));
  expect(recipes).toMatchObject([
    { name: "base layer 1", compression: { algorithm: "gzip" } },
    { name: "base layer 2", compression: { algorithm: "zstd" } },
  ]);
});

/** An OCI archive or Docker archive of the layout's only image. */
function archivesOf(layout: TestLayout): { oci: Buffer; docker: Buffer } {
  const blobs = readdirSync(join(layout.path, "blobs/sha256")).map((name) => `blobs/sha256/${name}`);
  const bytes = (name: string) => readFileSync(join(layout.path, name));
  const entry = (name: string): OddEntry => ({ type: "0", name, contents: bytes(name) });
  const nameOf = ({ digest }: { digest: string }) => `blobs/${digest.replace(":", "/")}`;
  const [only] = (read(join(layout.path, "index.json")) as { manifests: { digest: string }[] }).manifests;
  const manifest = JSON.parse(bytes(nameOf(only as { digest: string })).toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  const listed = [{ Config: nameOf(manifest.config), RepoTags: null, Layers: manifest.layers.map(nameOf) }];
  return {
    oci: tarOf(["oci-layout", "index.json", ...blobs].map(entry)),
    docker: tarOf([
      ...blobs.map(entry),
      { type: "0", name: "manifest.json", contents: Buffer.from(JSON.stringify(listed)) },
    ]),
  };
}

test("archives, compressed or not, are bases like the layout", async () => {
  const store = new TestStore();
  const layout = layoutOf([[file("a", "1")], [file("b", "2")]]);
  const { oci, docker } = archivesOf(layout);
  const diffIds = async (name: string, source: unknown) => {
    const { out } = await store.build(name, base, { label: name, platform: PLATFORM, source });
    return readdirSync(join(out, "layers")).map(
      (each) => (read(join(out, "layers", each)) as { diffId: string }).diffId,
    );
  };
  const expected = await diffIds("layout", layout.path);
  const at = folder();
  for (const [name, bytes] of Object.entries({ oci, docker, packed: gzipSync(docker) })) {
    writeFileSync(join(at, name), bytes);
    expect(await diffIds(name, join(at, name))).toEqual(expected);
  }
});

test("blobs of a registry are a base; other layers in the lock are refused", async () => {
  const store = new TestStore();
  const layout = layoutOf([[file("a", "1")]]);
  const blob = ({ digest }: { digest: string }) => join(layout.path, `blobs/${digest.replace(":", "/")}`);
  const [top] = (read(join(layout.path, "index.json")) as { manifests: { digest: string }[] }).manifests;
  const manifest = read(blob(top as { digest: string })) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  const layers = manifest.layers.map((each) => ({ digest: each.digest, file: blob(each) }));
  const source = { manifest: blob(top as { digest: string }), config: blob(manifest.config), layers };
  const { out } = await baseOf(store, source);
  expect(read(join(out, "layers/000.json"))).toMatchObject({ digest: layers[0]?.digest, name: "base layer 1" });
  const others = { ...source, layers: [{ digest: `sha256:${"0".repeat(64)}`, file: layers[0]?.file }] };
  await expect(store.build("other", base, { label: "x", platform: PLATFORM, source: others })).rejects.toThrow(
    "imgc.lock has other layers than the manifest that it pins",
  );
});

test.each<[string, (layout: TestLayout) => unknown, string]>([
  ["another platform", ({ path }) => path, "debian is for linux/amd64, but this image is for linux/arm64"],
  ["no index", () => folder(), "debian is not an OCI layout: it has no index.json"],
  [
    "a script",
    (layout) => {
      layout.write("script", "#!/bin/sh\n");
      return join(layout.path, "script");
    },
    "debian is a script, not an image",
  ],
  [
    "an archive of other files",
    (layout) => {
      layout.write("archive", tarOf([file("readme", "hi")]));
      return join(layout.path, "archive");
    },
    "debian is not an image: it has neither index.json",
  ],
  [
    "a cut archive",
    (layout) => {
      layout.write("cut.gz", gzipSync(tarOf([file("readme", "hi")])).subarray(0, 60));
      return join(layout.path, "cut.gz");
    },
    "debian cannot be unpacked",
  ],
  [
    "several images",
    (layout) => {
      const arm = { architecture: "arm64" };
      return layout.index([layout.image([], { ...arm, author: "a" }), layout.image([], { ...arm, author: "b" })]).path;
    },
    "debian has several images for linux/arm64",
  ],
  [
    "only other platforms",
    (layout) => layout.index([layout.image(), layout.image([], { architecture: "s390x" })]).path,
    "debian has no image for linux/arm64; it has linux/amd64, linux/s390x",
  ],
  ["no image", (layout) => layout.index([]).path, "debian contains no image"],
  [
    "a layout without blobs",
    (layout) => {
      rmSync(join(layout.path, "blobs"), { recursive: true });
      return layout.path;
    },
    "there is no debian/blobs/sha256/",
  ],
  [
    "an index that is too large",
    (layout) => {
      layout.write("index.json", " ".repeat(MAX_DOCUMENT + 1));
      return layout.path;
    },
    `cannot read debian/index.json: debian/index.json has ${MAX_DOCUMENT + 1} bytes`,
  ],
  [
    "an archive with a file twice",
    (layout) => {
      layout.write("twice.gz", gzipSync(tarOf([file("a", "1"), file("a", "2")])));
      return join(layout.path, "twice.gz");
    },
    "debian cannot be read: it contains a twice",
  ],
])("refuses %s", async (_, source, message) => {
  const store = new TestStore();
  const refused = baseOf(store, source(layoutOf([[file("a", "1")]])), {
    platform: { os: "linux", architecture: "arm64" },
  });
  await expect(refused).rejects.toMatchObject({ findings: [{ at: ["base", "debian"] }] });
  await expect(refused).rejects.toThrow(message);
});

test.each<[string, (layout: TestLayout, tar: Buffer) => object, string]>([
  [
    "a blob with another digest",
    (layout, tar) => {
      const manifest = layout.image([packedLayer("gzip", tar)]);
      const [blob] = readdirSync(join(layout.path, "blobs/sha256")).filter((name) =>
        readFileSync(join(layout.path, "blobs/sha256", name)).equals(gzipSync(tar)),
      );
      const changed = gzipSync(tar);
      // The compression level in the header, which decompression ignores.
      changed[8] = 4;
      layout.write(`blobs/sha256/${blob}`, changed);
      return manifest;
    },
    "layer 1 of debian has the digest sha256:",
  ],
  [
    "another diff ID",
    (layout, tar) => layout.image([{ ...packedLayer("gzip", tar), diffId: `sha256:${"1".repeat(64)}` }]),
    "in the config",
  ],
  [
    "a layer that is no archive",
    (layout) => layout.image([packedLayer("gzip", Buffer.from("no archive"))]),
    "layer 1 of debian cannot be read",
  ],
])("refuses %s", async (_, change, message) => {
  const store = new TestStore();
  const layout = new TestLayout();
  layout.index([change(layout, tarOf([file("a", "1")]))]);
  await expect(baseOf(store, layout.path)).rejects.toThrow(message);
});

test("an image on top of a base has the base's blobs, and its rules change files of the base", async () => {
  const store = new TestStore();
  const foreign = await baseOf(
    store,
    layoutOf([[file("etc/key", "secret"), file("etc/other", "1")]], {}, store.place("layout")).path,
  );
  const { out } = await onTop(store, foreign, {
    files: [{ path: "/etc/motd", kind: "text", from: "hi\n" }],
    permissions: [{ glob: "/etc/key", mode: 0o600 }],
  });
  expect(await verify(out, { deep: true })).toMatchObject({ findings: [], layers: 2 });
  const top = read(join(out, "layers/001.json")) as { content: { entries: Record<string, unknown>[] } };
  const key = top.content.entries.find(({ path }) => path === "/etc/key");
  expect(key).toMatchObject({ kind: "copy", mode: 0o600, uid: 0 });
  expect(readFileSync(key?.["source"] as string, "utf8")).toBe("secret");
});

const NO_SETUID = { noSetuid: true };

test("a setuid program of the base that a higher layer hides is no finding of `no-setuid`", async () => {
  const su = file("usr/bin/su", "su", 0o4755);
  const build = async (layers: OddEntry[][], files: object[] = []) => {
    const store = new TestStore();
    const { out } = await onTop(store, await baseOf(store, layoutOf(layers, {}, store.place("layout")).path), {
      files,
      expect: NO_SETUID,
    });
    return (await verify(out)).findings;
  };
  await expect(build([[su]])).rejects.toThrow("/usr/bin/su has mode 4755");
  // A layer of the base removes the program, replaces it, or replaces its folder.
  expect(await build([[su], [file("usr/bin/.wh.su", "")]])).toEqual([]);
  expect(await build([[su], [file("usr/bin/su", "su", 0o755)]])).toEqual([]);
  expect(await build([[su], [file("usr/bin/.wh..wh..opq", "")]])).toEqual([]);
  // The image removes the program, or a folder above it.
  expect(await build([[su]], [{ path: "/usr/bin/su", kind: "remove" }])).toEqual([]);
  expect(await build([[su]], [{ path: "/usr", kind: "remove" }])).toEqual([]);
  expect(
    await build(
      [[su]],
      [
        { path: "/usr/bin", kind: "remove" },
        { path: "/usr/bin", kind: "link", from: "/bin" },
        { path: "/bin", kind: "directory" },
      ],
    ),
  ).toEqual([]);
});
