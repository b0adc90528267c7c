import fc from "fast-check";
import { expect, test } from "vitest";
import { checkContents } from "../../../src/verify/contents/check.ts";
import { Findings } from "../../../src/verify/findings.ts";
import { FileTree } from "../../../src/image/file-tree.ts";
import { LayerInspector } from "../../../src/verify/inspect-layer.ts";
import type { ImageConfig, RunConfig } from "../../../src/oci/documents.ts";
import { encodeHeader } from "../../../src/layer/tar.ts";
import { layerChunks, tarChunks } from "../../../src/layer/stream.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";

const root = { uid: 0, gid: 0 };
const file = (path: string, mode = 0o644, text = "", owner = root): RootEntry => ({
  kind: "text",
  path,
  text,
  mode,
  ...owner,
});
const link = (path: string, target: string): RootEntry => ({ kind: "link", path, target, ...root });
const folder = (path: string, mode = 0o755, owner = root): RootEntry => ({ kind: "directory", path, mode, ...owner });

/** The findings in an image of these layers. */
function findings(layers: RootEntry[][], run: RunConfig = {}, more: (index: number) => Buffer[] = () => []): string[] {
  const found = new Findings();
  const tree = new FileTree();
  const read = layers.map((entries, index) => {
    const label = `layer ${index}`;
    const inspector = new LayerInspector(found, {
      tree,
      index,
      label,
      storeDir: "/nix/store",
      deep: false,
      isOwn: true,
    });
    // Before the blocks of zeros that end the archive.
    for (const piece of more(index)) inspector.push(piece);
    for (const chunk of layerChunks({ paths: [], entries, permissions: [] })) inspector.push(chunk);
    return { ...inspector.end(), name: label, size: 0 };
  });
  const config: ImageConfig = {
    architecture: "amd64",
    os: "linux",
    config: run,
    history: layers.map((_, i) => ({ created_by: `imgc: ${i}` })),
    rootfs: { type: "layers", diff_ids: [] },
  };
  checkContents(found, { tree, config, layers: read, file: undefined });
  return found.sentences;
}

const PASSWD = "root:x:0:0::/root:/bin/sh\napi:x:1000:1000::/home/api:/bin/sh\n";
const GROUP = "root:x:0:\napi:x:1000:\nstaff:x:2000:api\n";
const users = [file("/etc/passwd", 0o644, PASSWD), file("/etc/group", 0o644, GROUP)];

test("an entry point is found through links, PATH, the working directory and the layers below", () => {
  const below = [file("/opt/tool/bin/run", 0o755), link("/opt/current", "tool"), link("/bin", "/opt/current/bin")];
  const above = [link("/run-it", "bin/../bin/run"), ...users];
  const runs: RunConfig[] = [
    { Entrypoint: ["/run-it"] },
    { Entrypoint: ["/bin/run"], User: "api" },
    { Cmd: ["run"], User: "1234:5678" },
    { Entrypoint: ["run"], Env: ["PATH=/nowhere:/opt/tool/bin"] },
    { Entrypoint: ["./bin/run"], WorkingDir: "/opt/current" },
    { Entrypoint: [], Cmd: null },
  ];
  for (const run of runs) expect(findings([below, above], run)).toEqual([]);
});

test("only the root's entry has an absolute name", () => {
  expect(findings([[folder("/", 0o700), file("/a")]])).toEqual([]);
  const entry = { kind: "directory", name: Buffer.from("/a"), mode: 0o755, ...root, size: 0 } as const;
  expect(findings([[]], {}, () => [encodeHeader(entry)])[0]).toContain("the entry /a has an absolute name");
});

test("a program that cannot be run is a finding with the reason", () => {
  const owner = { uid: 1000, gid: 1000 };
  const layers = [
    [
      ...users,
      file("/plain"),
      file("/mine", 0o700, "", owner),
      file("/staff", 0o710, "", { uid: 0, gid: 2000 }),
      file("/api", 0o710, "", { uid: 0, gid: 1000 }),
      folder("/closed", 0o700),
      file("/closed/run", 0o755),
      link("/a", "/b"),
      link("/b", "a"),
    ],
  ];
  const of = (run: RunConfig) => findings(layers, run).filter((sentence) => sentence.startsWith("config:"));
  expect(of({ Entrypoint: ["/gone/run"] })).toEqual([
    "config: the entry point /gone/run cannot be run: /gone is not in the image",
  ]);
  expect(of({ Entrypoint: ["/plain"] })[0]).toContain("/plain with mode 0644 is not executable");
  expect(of({ Cmd: ["/closed"] })[0]).toContain("the command /closed cannot be run: /closed is a directory");
  expect(of({ Cmd: ["run"] })[0]).toContain("it is in no folder of PATH");
  expect(of({ Cmd: ["plain"], Env: ["PATH=/gone:/"] })[0]).toMatch(/plain with mode 0644 is not executable/);
  expect(of({ Cmd: ["/a"] })[0]).toContain("its links form a loop");
  expect(of({ Cmd: ["/closed/run"], User: "api" })[0]).toContain("the user 1000 may not enter /closed");
  expect(of({ Cmd: ["/closed/run"], User: "root" })).toEqual([]);
  expect(of({ Cmd: ["/mine"], User: "api" })).toEqual([]);
  expect(of({ Cmd: ["/mine"], User: "1001" })[0]).toContain("not executable");
  expect(of({ Cmd: ["/api"], User: "1001" })[0]).toContain("not executable");
  expect(of({ Cmd: ["/staff"], User: "api" })).toEqual([]);
  expect(of({ Cmd: ["/staff"], User: "api:api" })[0]).toContain("not executable");
  expect(of({ User: "web" })).toEqual(["config: the user web is not in /etc/passwd; it has root, api"]);
  expect(of({ User: "api:web" })).toEqual(["config: the group web is not in /etc/group; it has root, api, staff"]);
  expect(findings([[]], { User: "web" })).toEqual([
    "config: the user web is not in /etc/passwd; the image has no such file",
  ]);
  expect(of({ WorkingDir: "plain" })).toEqual(["config: the working directory plain is not absolute"]);
  expect(of({ WorkingDir: "/plain" })).toEqual(["config: the working directory /plain is a file"]);
});

test("contradictions between /etc/passwd and /etc/group are findings", () => {
  const passwd = "api:x:1000:1000::/:/bin/sh\nweb:x:1001:7::/:/bin/sh\napi:x:5:5::/:\nbad:x:y:1::/:\n";
  const group = "api:x:1000:ghost\n";
  expect(findings([[file("/etc/passwd", 0o644, passwd), file("/etc/group", 0o644, group)]])).toEqual([
    "/etc/passwd has api twice",
    "/etc/passwd has a malformed line: bad:x:y:1::/:",
    "/etc/passwd: web is in the group 7, which is not in /etc/group",
    "/etc/group: ghost is a member of api, but not a user in /etc/passwd",
  ]);
});

test("dangling links are findings, except links to folders that runtimes fill", () => {
  const entries = [link("/ok", "/proc/self"), link("/data/x", "/var/lib/x"), link("/gone", "there"), folder("/data")];
  expect(findings([entries], { Volumes: { "/var/lib": {} } })).toEqual([
    "/gone is a dangling link to there: /there is not in the image",
  ]);
});

test("links of the image and a package that form a loop are a finding", () => {
  const store = `/nix/store/${"0".repeat(32)}-a`;
  const entries = [link("/etc", `${store}/etc`), link("/own", `${store}/own`), folder(store)];
  const inStore = [link(`${store}/etc`, "/etc"), link(`${store}/own`, "own")];
  expect(findings([[...entries, ...inStore]]).filter((each) => each.includes("link"))).toEqual([
    `/etc is a dangling link to ${store}/etc: its links form a loop`,
  ]);
});

test("invalid entries are findings", () => {
  const header = (name: string) =>
    Buffer.from([...tarChunks([{ kind: "file", name: Buffer.from(name), mode: 0o644, ...root, size: 0 }])][0] ?? []);
  const one = (name: string) => findings([[]], {}, () => [header(name).subarray(0, 512)]);
  expect(one("../x")).toEqual(["layer 0: the entry ../x leads out of the image with `..`"]);
  expect(one("/etc/x")).toEqual(["layer 0: the entry /etc/x has an absolute name"]);
  expect(findings([[file("/a/b"), file("/a/b")]])).toEqual(["layer 0: the entry a/b is in the layer twice"]);
  expect(findings([[file("/a")], [file("/a/b")]])).toEqual(["layer 1: the entry a/b is below a, which is a file"]);
  expect(findings([[file("/a/b")], [file("/a/b")]])).toEqual([]);
  expect(findings([[file("/a/b")], [file("/a/.wh.b"), file("/a/.wh..wh..opq")]])).toEqual([]);
  expect(findings([[file("/a/b"), file("/a/.wh.c")]])).toEqual([
    "layer 0: the entry a/.wh.c has the name of a whiteout, so it is in no container",
  ]);
  const [longest] = findings([[file(`${"/a".repeat(30_000)}/b`)]]);
  expect(longest).toMatch(/^layer 0: the entry (?:a\/){150}… has a path of more than 4096 bytes$/);
  const [deepest] = findings([[file(`${"/a".repeat(300)}/b`)]]);
  expect(deepest).toMatch(/^layer 0: the entry (?:a\/){150}… is more than 256 folders deep$/);
  const huge = Buffer.from(header("x").subarray(0, 512));
  huge.write((1 << 30).toString(8).padStart(11, "0"), 124);
  huge.write("x", 156);
  let sum = 8 * 0x20;
  for (const [i, byte] of huge.entries()) if (i < 148 || i >= 156) sum += byte;
  huge.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  expect(() => findings([[]], {}, () => [huge])).toThrow(/a pax header of \d+ bytes is too large/);
});

test("whiteouts of a layer remove files of lower layers", () => {
  const below = [file("/d/run", 0o755), file("/other")];
  const gone = (name: string) => findings([below, [file(name)]], { Cmd: ["/d/run"] });
  expect(gone("/d/.wh.run")).toHaveLength(1);
  expect(gone("/.wh.d")).toHaveLength(1);
  expect(gone("/d/.wh..wh..opq")).toHaveLength(1);
  expect(gone("/.wh.other")).toEqual([]);
  const opaque = (...own: RootEntry[]) =>
    findings([[file("/d/e/run", 0o755)], [...own, file("/d/.wh..wh..opq")]], { Cmd: ["/d/e/run"] });
  expect(opaque(folder("/d/e"))).toHaveLength(1);
  expect(opaque(file("/d/e/run", 0o755))).toEqual([]);
});

test("resolving a path ends, at a node that exists, whatever links there are", () => {
  const name = fc.constantFrom("a", "b", "c", "..", ".");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const entry = fc.tuple(fc.constantFrom("a", "b", "c", "a/b", "c/a"), fc.option(path), fc.boolean());
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), path, (entries, asked) => {
      const tree = new FileTree();
      for (const [at, target, absolute] of entries) {
        const type = target === null ? "5" : "2";
        const to = `${absolute ? "/" : ""}${target ?? ""}`;
        const header = {
          name: at,
          type,
          mode: 0o755,
          ...root,
          mtime: 1,
          size: 0,
          target: to,
          major: 0,
          minor: 0,
          offset: 0,
          records: new Map<string, string>(),
        };
        tree.add(0, header, at.split("/"));
      }
      const found = tree.resolve(`/${asked}`);
      if ("problem" in found) return;
      expect(found.node.kind).not.toBe("symlink");
      // The resolved path contains no links.
      expect(tree.resolve(found.path)).toMatchObject({ path: found.path, node: found.node });
    }),
  );
});
