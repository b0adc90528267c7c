/** Images on bases of other tools: layouts, archives, other expressions. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { ImageFile } from "../../src/image/image-file.ts";
import { narDigest } from "../../src/layer/nar.ts";
import { DISTRIBUTION, ociLayout, type Made } from "./base-images.ts";
import { build, buildText, failure, files, folder, imgc, loadLayout, podman, tool, verified } from "./tools.ts";

interface Config {
  config: Record<string, unknown>;
  history: { created_by: string; empty_layer?: boolean }[];
  rootfs: { diff_ids: string[] };
}
const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), "utf8"));

const SETTINGS = `
    packages [ hello ]
    files {
      "/srv/own" text "own" { owner "app" }
      "/bin/extra" text "extra" { mode 0755 }
    }
    users { web { uid 900 gid 900 home "/srv" groups [ "staff" ] } }
    config { cmd [ "/bin/hello" ] env { LANG "C.UTF-8" } user "web" labels { own "yes" } }`;

describe("a base like a distribution", () => {
  const at = folder();
  let layout: string;
  let image: string;
  let config: Config;
  let manifest: { layers: { digest: string; mediaType: string }[] };

  beforeAll(async () => {
    layout = ociLayout(at, DISTRIBUTION);
    await tool("skopeo", [
      "copy",
      "-q",
      "--insecure-policy",
      `oci:${layout}`,
      `docker-archive:${at}/docker.tar:base:1`,
    ]);
    await tool("skopeo", ["copy", "-q", "--insecure-policy", `oci:${layout}`, `oci-archive:${at}/oci.tar`]);
    await tool("gzip", ["-k", `${at}/docker.tar`]);
    const spec = files({ "layout.imgspec": `image "from-layout" { base layout ./layout ${SETTINGS}\n}\n` }, at);
    image = (await build(spec)).path;
    config = json(image, "config.json") as Config;
    manifest = json(image, "manifest.json") as typeof manifest;
  });

  test("its layers are the same blobs, and the image verifies", async () => {
    const index = json(layout, "index.json") as { manifests: { digest: string }[] };
    const blob = (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
    const base = json(blob(index.manifests[0]?.digest as string)) as typeof manifest;
    expect(manifest.layers.slice(0, 2)).toEqual(base.layers);
    expect((await verified(image)).layers).toBe(manifest.layers.length);
  });

  test("the config is inherited as with FROM, with the history", () => {
    expect(config.config).toEqual({
      Env: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"],
      Entrypoint: ["/usr/bin/tool"],
      Cmd: ["/bin/hello"],
      Labels: { from: "base", own: "yes" },
      User: "900",
      WorkingDir: "/srv",
    });
    const told = config.history.map((step) => step.created_by);
    expect(told.slice(0, 3)).toEqual(["ADD rootfs", "ENV LANG=C", "RUN rm"]);
    expect(told.slice(3).every((step) => step.startsWith("imgc: "))).toBe(true);
    expect(config.history.filter((step) => step.empty_layer !== true)).toHaveLength(config.rootfs.diff_ids.length);
  });

  test("in a container, the base's files are visible, and its users are known", async () => {
    const oci = await build(join(at, "layout.imgspec"), { attribute: "oci" });
    const loaded = await loadLayout(oci.path);
    const list = async (...args: string[]) =>
      (await podman(loaded, args, ["--user", "0", "--entrypoint", "/bin/hello"])).stdout;
    expect(await list()).toContain("Hello, world!");
    const container = (await tool("podman", ["create", loaded])).stdout.trim();
    const tar = join(folder(), "root.tar");
    await tool("podman", ["export", "-o", tar, container]);
    await tool("podman", ["rm", container]);
    const { stdout } = await tool("tar", ["--numeric-owner", "-tvf", tar, "--exclude=nix/*"]);
    const entry = (name: string) => stdout.split("\n").find((line) => line.split(/\s+/)[5] === name) ?? "";
    expect(entry("bin")).toMatch(/^l.* bin -> usr\/bin$/);
    expect(entry("usr/bin/tool")).not.toBe("");
    expect(entry("usr/bin/extra")).not.toBe("");
    expect(entry("etc/gone")).toBe("");
    expect(entry("srv/own")).toContain(" 700/701 ");
    expect(entry("tmp/")).toMatch(/^drwxrwxrwt/);
    expect(entry("root/")).toMatch(/^drwx------/);
    const read = async (name: string) => (await tool("tar", ["-xOf", tar, name])).stdout;
    expect(await read("etc/passwd")).toBe(
      `${Object(DISTRIBUTION.layers[0])["etc/passwd"] as string}nobody:x:65534:65534::/var/empty:/bin/false\nweb:x:900:900::/srv:/bin/sh\n`,
    );
    expect(await read("etc/group")).toContain("daemon:x:1:\nstaff:x:50:daemon,web\n");
  });

  test.each([
    ["archive ./docker.tar", "docker"],
    ["archive ./docker.tar.gz", "docker-gz"],
    ["archive ./oci.tar", "oci"],
    ["nix ''builtins.path { path = ./layout; name = \"base\"; }''", "nix"],
  ])("base %s gives the same files", async (base, name) => {
    if (base.startsWith("nix")) base = base.replace("./layout", layout);
    const spec = files({ [`${name}.imgspec`]: `image "from" { base ${base} ${SETTINGS}\n}\n` }, at);
    const { path } = await build(spec);
    expect((json(path, "config.json") as Config).rootfs).toEqual(config.rootfs);
    expect((await verified(path)).layers).toBe(manifest.layers.length);
  });
});

describe("files of a base by another tool", () => {
  const at = folder();
  ociLayout(at, {
    layers: [
      {
        ...DISTRIBUTION.layers[0],
        "srv/app/secret": "twice\n",
        "srv/app/big": "0123456789".repeat(300_000),
        "srv/app/link": { link: "secret" },
        "srv/app/pipe": { pipe: 0o644 },
        "srv/app/same": { hardLink: "srv/app/big" },
        "srv/only/file": "",
      },
      { "srv/app/secret": "once\n", "srv/app/empty": "" },
    ],
  });
  const spec = (name: string, settings: string) => files({ [`${name}.imgspec`]: settings }, at);

  test("are duplicated if a rule matches them, also two images above; other files are not", async () => {
    const file = spec(
      "ruled",
      `image "below" { base layout ./layout
        packages [ hello ]
        files { "/opt/way" link "/srv" }
        users { web { uid 900 gid 900 } }
        permissions { "/opt/way/app/**" { mode 0640 owner "web" } }
      }
      image "above" { base image "below" permissions { "/bin/tool" { mode 0700 } "/srv/app/empty" { owner 5 } } }`,
    );
    const { path } = await build(file, { attribute: "above" });
    await verified(path);
    const layers = readdirSync(join(path, "layers")).map(
      (name) => json(path, "layers", name) as { content: { entries: { path: string }[] } },
    );
    const written = layers.map(({ content }) => content.entries.map((entry) => entry.path));
    expect(written.at(-1)).toEqual(["/srv/app", "/srv/app/empty", "/usr/bin/tool"]);
    expect(
      written
        .flat()
        .filter((each) => each.startsWith("/srv/"))
        .toSorted(),
    ).toEqual(
      ["", "", "/big", "/empty", "/empty", "/link", "/pipe", "/same", "/secret"].map((name) => `/srv/app${name}`),
    );

    const { path: oci } = await build(file, { attribute: "above.oci" });
    const container = (await tool("podman", ["create", await loadLayout(oci), "/bin/hello"])).stdout.trim();
    const tar = join(folder(), "root.tar");
    await tool("podman", ["export", "-o", tar, container]);
    await tool("podman", ["rm", container]);
    const listed = ["--full-time", "--utc", "--numeric-owner", "-tvf", tar, "srv/app", "usr/bin/tool"];
    const { stdout } = await tool("tar", listed);
    const entries = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));
    const asListed = entries.map(([mode, owner, size, , time, name]) => [name, mode, owner, size, time].join(" "));
    expect(asListed.toSorted()).toEqual([
      "srv/app/ drwxr-x--- 900/900 0 00:00:00",
      "srv/app/big -rw-r----- 900/900 3000000 00:00:00",
      "srv/app/empty -rw-r----- 5/5 0 00:00:00",
      "srv/app/link lrwxrwxrwx 900/900 0 00:00:00",
      "srv/app/pipe prw-r----- 900/900 0 00:00:00",
      "srv/app/same hrw-r----- 900/900 0 00:00:00",
      "srv/app/secret -rw-r----- 900/900 5 00:00:00",
      "usr/bin/tool -rwx------ 0/0 10 00:00:00",
    ]);
    const read = async (name: string) => (await tool("tar", ["-xOf", tar, name])).stdout;
    expect(await read("srv/app/secret")).toBe("once\n");
    const plan = await imgc("plan", file, "--image", "below");
    expect(plan.stdout).toContain("`permissions` duplicates 3 files of the base: 3.0 MB");
    expect(await read("srv/app/big")).toBe("0123456789".repeat(300_000));
  });

  test("are visible although a link might hide them", async () => {
    const file = spec("hidden", 'image "hidden" { base layout ./layout files { "/srv/only" link "/tmp" } }');
    const { stderr } = await failure(imgc("build", file, "--no-link"));
    expect(stderr).toContain("would hide the folder with /srv/only/file of the base");
  });
});

describe("a base with a store", () => {
  /** The image of a spec as another user gets it, without Nix's knowledge of it. */
  async function archived(settings: string): Promise<string> {
    const at = folder();
    const { path } = await buildText(`image "below" { ${settings} }`, { attribute: "oci" });
    await tool("skopeo", ["copy", "-q", "--insecure-policy", `oci:${path}`, `oci-archive:${at}/below.tar`]);
    return at;
  }

  test("its store paths are in no layer above it", async () => {
    const at = await archived("packages [ bash ]");
    const spec = files({ "x.imgspec": 'image "above" { base archive ./below.tar packages [ bash hello ] }' }, at);
    const { path } = await build(spec);
    expect((await verified(path)).layers).toBe(readdirSync(join(path, "layers")).length);
    const layers = readdirSync(join(path, "layers")).map(
      (name) => json(path, "layers", name) as { content: { blob?: object; paths: string[] } },
    );
    const below = layers.filter(({ content }) => content.blob).flatMap(({ content }) => content.paths);
    const above = layers.filter(({ content }) => !content.blob).flatMap(({ content }) => content.paths);
    expect(below.some((each) => each.includes("-glibc-"))).toBe(true);
    expect(above.map((each) => each.replace(/^.{44}/, "").replace(/-[0-9.]+$/, ""))).toEqual(["hello"]);
  });

  test("its database is part of the database above, and Nix inside verifies each path", async () => {
    const at = await archived("packages [ bash coreutils nix ] nix { }");
    const spec = files({ "x.imgspec": 'image "above" { base archive ./below.tar packages [ hello ] nix { } }' }, at);
    const { path } = await build(spec, { attribute: "oci" });
    const loaded = await loadLayout(path);
    const script =
      "nix-store --verify --check-contents && nix-store --gc && hello && nix-store -q --references /bin/nix";
    const { stdout } = await podman(loaded, ["bash", "-c", script]);
    expect(stdout).toContain("Hello, world!");
    expect(stdout).toMatch(/-glibc-/);
  });
});

describe("a base without a database", () => {
  test("its store paths are registered as Nix does", async () => {
    const at = folder();
    const below = files(
      { "below.imgspec": 'image "below" { packages [ bash coreutils ] store [ hello ] layers { rest } }' },
      at,
    );
    const { path: layout } = await build(below, { attribute: "oci" });
    await tool("skopeo", ["copy", "-q", "--insecure-policy", `oci:${layout}`, `oci-archive:${at}/below.tar`]);
    const above = files({ "x.imgspec": 'image "above" { base archive ./below.tar nix { } layers { rest } }' }, at);
    const { path } = await build(above);
    await verified(path);
    const closureOf = (image: string) => ImageFile.parse(json(image, "image.json")).closure;
    const byPath = new Map(closureOf(path).map((entry) => [entry.path, entry]));
    for (const { path: each, narSize, references } of closureOf(layout)) {
      expect(byPath.get(each)).toMatchObject({ narSize, references: references.toSorted() });
    }

    const loaded = await loadLayout((await build(above, { attribute: "oci" })).path);
    const { stdout } = await podman(loaded, [
      "bash",
      "-ec",
      "nix-store --gc 2> /dev/null; ls -d /nix/store/*-hello-*; nix-store --verify --check-contents",
    ]);
    expect(stdout).toContain("-hello-");
  });

  test("the write-ahead log of its database is read, and removed with the database", async () => {
    const at = folder();
    const name = `${"a".repeat(32)}-a`;
    const file = files({ [name]: "in the store\n" }, at);
    const { hash, size } = narDigest(file);
    const db = new DatabaseSync(join(at, "db.sqlite"));
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
      CREATE TABLE ValidPaths (id INTEGER PRIMARY KEY, path TEXT, hash TEXT, narSize INTEGER);
      CREATE TABLE Refs (referrer INTEGER, reference INTEGER);
      INSERT INTO ValidPaths VALUES (1, '/nix/store/${name}', 'sha256:${hash.toString("hex")}', ${size});
      INSERT INTO Refs VALUES (1, 1)`);
    const state = ["db.sqlite", "db.sqlite-wal"].map((each) => {
      return [`nix/var/nix/db/${each}`, { bytes: readFileSync(join(at, each)) }] as const;
    });
    db.close();
    ociLayout(at, { layers: [{ [`nix/store/${name}`]: "in the store\n", ...Object.fromEntries(state) }] });
    const spec = files({ "x.imgspec": 'image "above" { base layout ./layout nix { } layers { rest } }' }, at);
    await verified((await build(spec)).path);
    const { path: database } = await build(spec, { attribute: "database" });
    const registered = new DatabaseSync(join(database, "db.sqlite"), { readOnly: true });
    const row = registered.prepare("SELECT hash, narSize FROM ValidPaths WHERE path LIKE ?").get(`%${name}`);
    registered.close();
    expect(row).toEqual({ hash: `sha256:${hash.toString("hex")}`, narSize: size });
    const { entries } = json(database, "files.json") as { entries: { path: string }[] };
    expect(entries.map((each) => each.path)).toContain("/nix/var/nix/db/.wh.db.sqlite-wal");
  });

  test("derivations of the base that its database registers stay registered", async () => {
    const at = folder();
    const spec = 'image "below" { nix { buildable [ tinycc ] settings { substitute "false" } } layers { rest } }';
    const { path: layout } = await build(files({ "below.imgspec": spec }, at), { attribute: "oci" });
    await tool("skopeo", ["copy", "-q", "--insecure-policy", `oci:${layout}`, `oci-archive:${at}/below.tar`]);
    const above = files(
      {
        "x.imgspec":
          'image "above" { base archive ./below.tar packages [ bash coreutils ] nix { nixpkgs } layers { rest } }',
      },
      at,
    );
    const loaded = await loadLayout((await build(above, { attribute: "oci" })).path);
    const script =
      "nix-build '<nixpkgs>' -A tinycc --no-out-link --option substitute false; nix-store --verify --check-contents";
    const { stdout } = await podman(loaded, ["bash", "-ec", script]);
    expect(stdout).toMatch(/-tinycc-[0-9.]+\n$/);
  });
});

describe("invalid bases are reported at once", () => {
  const at = folder();
  const arm: Made = { ...DISTRIBUTION, platform: { os: "linux", architecture: "arm64", variant: "v8" } };
  const damaged = () => {
    const layout = ociLayout(join(at, "damaged"), DISTRIBUTION);
    const { manifests } = json(layout, "index.json") as { manifests: { digest: string }[] };
    const blob = (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
    const { layers } = json(blob(manifests[0]?.digest as string)) as { layers: { digest: string }[] };
    const file = blob(layers[0]?.digest as string);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(file, bytes);
    return layout;
  };
  const cases: [string, () => string, RegExp][] = [
    ["a text", () => `archive ${files({ "text.tar": "hello" }, at)}`, /text\.tar is not an image/],
    ["a script", () => `archive ${files({ "stream.sh": "#!/bin/sh\n" }, at)}`, /is a script, not an image/],
    [
      "a folder",
      () => `layout ${dirname(files({ "empty/x": "" }, at))}`,
      /is not an OCI layout: it has no index\.json/,
    ],
    [
      "another platform",
      () => `layout ${ociLayout(join(at, "arm"), arm)}`,
      /is for linux\/arm64, but this image is for linux\/amd64/,
    ],
    [
      "no platform that fits",
      () => `layout ${ociLayout(join(at, "two"), arm, { ...arm, platform: { os: "linux", architecture: "s390x" } })}`,
      /has no image for linux\/amd64; it has linux\/arm64, linux\/s390x/,
    ],
    ["a damaged layer", () => `layout ${damaged()}`, /layer 1 of layout (cannot be read|has the digest)/],
    ["a number", () => "nix ''5''", /bad\.imgspec:1:13: error: the expression's value, of type int, is not a base/],
    [
      "a user that it lacks",
      () => `layout ${ociLayout(join(at, "users"), DISTRIBUTION)} files { "/x" text "" { owner "nobody-here" } }`,
      /the image has no user nobody-here; it has root, .*app/,
    ],
  ];
  test.each(cases)("%s", async (_, base, message) => {
    const { stderr } = await failure(
      imgc("build", files({ "bad.imgspec": `image "a" { base ${base()} }` }, at), "--no-link"),
    );
    expect(stderr).toMatch(message);
    // Problems of the base are reported at its place.
    if (!String(message).includes("no user")) expect(stderr).toMatch(/bad\.imgspec:1:13: error: /);
    expect(stderr).not.toContain("    at ");
  });
});
