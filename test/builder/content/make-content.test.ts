/** Files outside the store: packages, files and the base merged. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { BuildError } from "../../../src/builder/build-error.ts";
import type { BaseFile } from "../../../src/builder/base/contents.ts";
import { makeContent, NO_BASE, type ContentArguments } from "../../../src/builder/content/make-content.ts";
import type { ContentFile } from "../../../src/image/content-file.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";
import { capabilityAttribute } from "../../../src/util/capabilities.ts";

let folder: string;
let store: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
  store = join(folder, "store");
  mkdirSync(store);
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** Writes files, links (`-> target`) and empty folders (names that end in a slash) below a folder. */
function write(at: string, files: Record<string, string>): string {
  mkdirSync(at, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(at, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (text.startsWith("-> ")) symlinkSync(text.slice(3), path);
    else if (!name.endsWith("/")) writeFileSync(path, text);
  }
  return at;
}

const source = (name: string, files: Record<string, string>): string => write(join(folder, name), files);
const pack = (name: string, files: Record<string, string>): string => write(join(store, `x-${name}`), files);

interface Image {
  packages?: (string | { path: string; priority: number })[];
  files?: Partial<ContentArguments["files"][number]>[];
  groups?: ContentArguments["groups"];
  users?: Partial<ContentArguments["users"][number]>[];
  permissions?: Partial<ContentArguments["permissions"][number]>[];
  user?: string;
}

function content(
  { packages = [], files = [], groups = [], users = [], permissions = [], user }: Image,
  base = NO_BASE,
  others: BaseFile[] = [],
): ContentFile {
  return makeContent(
    base,
    {
      packages: packages.map((each, index) => ({
        ...(typeof each === "string" ? { path: each, priority: 5 } : each),
        index,
      })),
      files: files.map((each) => ({
        path: "",
        kind: "text",
        from: "",
        mode: null,
        owner: null,
        capabilities: [],
        modes: null,
        isAsked: true,
        ...each,
      })),
      users: users.map((each) => ({ name: "", uid: 0, gid: 0, home: null, shell: null, groups: [], ...each })),
      permissions: permissions.map((each) => ({ glob: "", mode: null, owner: null, capabilities: [], ...each })),
      groups,
      extendedEnv: [],
      provideUsers: false,
      config: user === undefined ? {} : { User: user },
      nix: null,
    },
    store,
    undefined,
    { files: others, folder: join(folder, "contents") },
  );
}

const copy = (path: string, from: string, more = {}) => ({ kind: "copy" as const, path, from, ...more });
const text = (path: string, from = "", more = {}) => ({ kind: "text" as const, path, from, ...more });
const link = (path: string, from: string) => ({ kind: "link" as const, path, from });
const directory = (path: string, more = {}) => ({ kind: "directory" as const, path, ...more });

/** Each entry as a line, sources and targets below the test's folder. */
function lines(entries: RootEntry[]): string[] {
  return entries.map((entry) => {
    if (entry.kind === "remove") return `${entry.path} is removed`;
    const owner = entry.uid === 0 && entry.gid === 0 ? "" : ` ${entry.uid}:${entry.gid}`;
    const mode = entry.kind === "link" || entry.mode === null ? "" : ` ${entry.mode.toString(8)}`;
    const what = { directory: "", link: "", text: "", copy: "", device: "" };
    if (entry.kind === "link") what.link = ` -> ${entry.target.replace(`${folder}/`, "")}`;
    if (entry.kind === "copy") what.copy = ` = ${entry.source.replace(`${folder}/`, "")}`;
    return `${entry.path}${mode}${owner}${what[entry.kind]}`;
  });
}

function problems(image: Image, base = NO_BASE, others: BaseFile[] = []): string[] {
  try {
    content(image, base, others);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return error.findings.map(({ at, message }) => `${at.join(" ")}: ${message.replaceAll(`${folder}/`, "")}`);
  }
  return [];
}

test("the root is an entry, which files and rules can change", () => {
  expect(lines(content({}).entries)).toEqual(["/ 755"]);
  expect(lines(content({ files: [directory("/", { mode: 0o700 })] }).entries)).toEqual(["/ 700"]);
  expect(lines(content({ permissions: [{ glob: "/", mode: 0o711 }] }).entries)).toEqual(["/ 711"]);
  expect(lines(content({}, content({})).entries)).toEqual([]);
  expect(lines(content({ permissions: [{ glob: "/", mode: 0o711 }] }, content({})).entries)).toEqual(["/ 711"]);
});

test("a folder that is copied to the root merges with it", () => {
  const rootfs = source("rootfs", { "etc/a": "a", "app/x": "x", top: "t" });
  const hello = pack("hello", { "bin/hello": "h", "etc/b": "b" });
  expect(lines(content({ packages: [hello], files: [copy("/", rootfs)] }).entries)).toEqual([
    "/ 755",
    "/app = rootfs/app",
    "/bin 755",
    "/bin/hello -> store/x-hello/bin/hello",
    "/etc 755",
    "/etc/a = rootfs/etc/a",
    "/etc/b -> store/x-hello/etc/b",
    "/top = rootfs/top",
  ]);
});

test("a copied folder follows the links of the base, and existing files stay", () => {
  const base = content({ files: [text("/usr/bin/old"), link("/bin", "usr/bin"), link("/var/run", "/run")] });
  const bin = source("bin", { tool: "t" });
  const above = content(
    { files: [copy("/bin", bin), copy("/var", source("var", { "run/x": "", "lib/y": "" }))] },
    base,
  );
  expect(lines(above.entries)).toEqual(["/run = var/run", "/usr/bin/tool = bin/tool", "/var/lib = var/lib"]);
  // Unchanged files of the base are in no further layer.
  expect(lines(content({ files: [text("/x")] }, above).entries)).toEqual(["/x 644"]);
});

test("of two files at one path, the more specific entry wins, then files, then packages, then the base", () => {
  const base = content({ files: [text("/bin/a", "base"), text("/bin/b", "base"), text("/bin/c", "base")] });
  const hello = pack("hello", { "bin/b": "package", "bin/c": "package", "bin/d": "package", "bin/e": "package" });
  const bin = source("bin", { c: "copy", d: "copy", "sub/f": "copy" });
  const files = [copy("/bin", bin), text("/bin/d", "text"), copy("/bin/sub", source("sub", { f: "sub", g: "sub" }))];
  expect(lines(content({ packages: [hello], files }, base).entries)).toEqual([
    "/bin/b -> store/x-hello/bin/b",
    "/bin/c = bin/c",
    "/bin/d 644",
    "/bin/e -> store/x-hello/bin/e",
    "/bin/sub 755",
    "/bin/sub/f = sub/f",
    "/bin/sub/g = sub/g",
  ]);
});

test("a copy without mode and owner keeps those of an existing folder", () => {
  const base = content({ files: [directory("/tmp", { mode: 0o1777 }), directory("/etc", { mode: 0o711 })] });
  const rootfs = source("rootfs", { "tmp/": "", "etc/x": "" });
  expect(lines(content({ files: [copy("/", rootfs)] }, base).entries)).toEqual(["/etc 711", "/etc/x = rootfs/etc/x"]);
  expect(
    lines(content({ files: [copy("/", rootfs, { mode: 0o600, owner: { user: 7, group: 8 } })] }, base).entries),
  ).toEqual(["/ 700 7:8", "/etc 700 7:8", "/etc/x 600 7:8 = rootfs/etc/x", "/tmp 700 7:8"]);
});

test("findings have places: entries that hide a folder with files, and entries that cannot be files", () => {
  const bash = pack("bash", { "bin/bash": "b" });
  expect(problems({ packages: [bash], files: [link("/bin", "usr/bin"), link("/etc", "/x")] })).toEqual([
    'files /bin: /bin is a link of files "/bin", which would hide the folder with /bin/bash of the package x-bash: ' +
      "move one of them to another path",
  ]);
  const odd = source("odd", { ".wh.c": "", "a/.wh.b": "" });
  expect(
    problems({
      packages: [bash],
      files: [
        copy("/odd", odd),
        text("/x/.wh.y"),
        text(`${store}/foo`),
        copy("/l", join(source("loose", { l: "-> gone" }), "l")),
        copy(dirname(store), source("into", { "store/y": "" })),
        text("/bin/bash/x"),
      ],
    }),
  ).toEqual(
    [
      "files /odd: the copied folder contains the whiteout .wh.c, which would hide another file: exclude it",
      "files /odd: the copied folder contains the whiteout a/.wh.b, which would hide another file: exclude it",
      "files /l: the copied path is a link to gone, which does not exist",
      "files /x/.wh.y: .wh.y is the name of a whiteout, which would hide another file: rename the file",
      "files /bin/bash/x: /bin/bash/x is below /bin/bash, which is a link into the store of the package x-bash, not a folder",
      `files ${store}/foo: store/foo is in ${store}, which only packages may fill: add a package to \`store\` instead`,
      `files ${dirname(store)}: store/y is in ${store}, which only packages may fill: add a package to \`store\` instead`,
    ].map((line) => line.replace(`/foo: ${store}`, "/foo: store").replaceAll(`in ${store},`, "in store,")),
  );
});

test("a copy of a link copies the link's target", () => {
  const from = source("from", { real: "r", folder: "-> tree", "tree/x": "", l: "-> real" });
  expect(lines(content({ files: [copy("/l", join(from, "l")), copy("/f", join(from, "folder"))] }).entries)).toEqual([
    "/ 755",
    "/f = from/tree",
    "/l = from/real",
  ]);
});

test("all files of a package are linked, except those for Nix", () => {
  const odd = pack("odd", {
    "var/lib/x": "",
    "opt/y": "",
    "home/z": "",
    top: "t",
    "nix-support/propagated": "",
    "bin/loop": "-> loop",
    "bin/gone": "-> nowhere",
    "share/info/dir": "",
    "share/info/odd.info": "",
  });
  expect(lines(content({ packages: [odd] }).entries)).toEqual([
    "/ 755",
    "/bin 755",
    "/bin/loop -> store/x-odd/bin/loop",
    "/home 755",
    "/home/z -> store/x-odd/home/z",
    "/opt 755",
    "/opt/y -> store/x-odd/opt/y",
    "/share 755",
    "/share/info -> store/x-odd/share/info",
    "/top -> store/x-odd/top",
    "/var 755",
    "/var/lib -> store/x-odd/var/lib",
  ]);
});

test("a package's link out of the store is not followed on the building machine", () => {
  const machine = source("machine", { "etc/passwd": "", file: "" });
  const odd = pack("odd", {
    etc: "-> /etc",
    srv: `-> ${machine}/etc`,
    "lib/up": "-> ../../../machine/etc",
    "lib/via": "-> up",
    "lib/own": "-> /lib/own",
    "lib/near": "-> ../share",
    "lib/gone": "-> /nowhere",
    "share/x": "",
  });
  expect(lines(content({ packages: [odd, pack("more", { "lib/x": "" })] }).entries)).toEqual([
    "/ 755",
    "/lib 755",
    "/lib/gone -> store/x-odd/lib/gone",
    "/lib/near -> store/x-odd/lib/near",
    "/lib/up -> store/x-odd/lib/up",
    "/lib/via -> store/x-odd/lib/via",
    "/lib/x -> store/x-more/lib/x",
    "/share 755",
    "/share/x -> store/x-odd/share/x",
    "/srv -> store/x-odd/srv",
  ]);
  symlinkSync(machine, join(store, "x-machine"));
  expect(problems({ packages: [join(store, "x-machine"), pack("below", { a: "-> /a/b" })] })).toEqual([
    "packages 0: x-machine is a link to machine, which is not in the store: package the files that it needs",
    "packages 1: the link store/x-below/a leads to /a/b, which would be below the link itself at /a: move the package to `store`",
  ]);
  expect(problems({ files: [copy("/x", join(store, "x-odd/srv"))] })).toEqual([
    "files /x: store/x-odd/srv leads to machine/etc, which is not in the store: copy its own files",
  ]);
});

test("the users of a base without nobody are those in its user files", () => {
  const app = { name: "app", uid: 7, gid: 7, home: "/app", shell: "/bin/sh", groups: [] };
  const rootUser = { ...app, name: "root", uid: 0, gid: 0 };
  const passwd = "root:x:0:0::/:/bin/sh\napp:x:7:7::/app:/bin/sh\n";
  const entry = { kind: "text" as const, path: "/etc/passwd", text: passwd, mode: 0o644, uid: 0, gid: 0 };
  const base = { ...NO_BASE, root: [entry], users: [rootUser, app] };
  const owned = (user: string) => ({ files: [directory("/i", { owner: { user, group: null } })] });
  expect(problems(owned("nobody"), base)).toEqual(["files /i: the image has no user nobody; it has root, app"]);
  expect(problems({ user: "nobody" }, base)).toEqual([
    expect.stringContaining("the user nobody is not in the image's /etc/passwd, which lists root, app"),
  ]);
  expect(problems({ ...owned("nobody"), user: "nobody", users: [{ name: "x", uid: 9, gid: 9 }] }, base)).toEqual([]);
  expect(problems(owned("root"), { ...base, users: [app] })).toEqual([]);
  expect(problems(owned("nobody"))).toEqual([]);
});

test("packages with different files at a path collide if their priorities are equal; all collisions are reported", () => {
  const one = pack("one", { "bin/same": "s", "bin/x": "1", "bin/y": "1", "lib/a": "1", "share/d/f": "" });
  const two = pack("two", { "bin/same": "s", "bin/x": "2", "bin/y": "2", "lib/a/b": "2", "share/d/g": "" });
  const run = pack("run", { "bin/same": "s" });
  chmodSync(join(run, "bin/same"), 0o755);
  expect(problems({ packages: [one, two] })).toEqual([
    "packages 1: store/x-one and store/x-two have different files at /bin/x, /bin/y, /lib/a: " +
      "choose one of the files in `files`, or move one of the packages to `store`",
  ]);
  expect(problems({ packages: [one, run] })).toEqual([
    expect.stringMatching(/^packages 1: .* have different files at \/bin\/same: /),
  ]);
  const settled = content({ packages: [one, { path: two, priority: 4 }] }).entries;
  expect(lines(settled).filter((line) => /(?:bin|lib)\//.test(line))).toEqual([
    "/bin/same -> store/x-two/bin/same",
    "/bin/x -> store/x-two/bin/x",
    "/bin/y -> store/x-two/bin/y",
    "/lib/a -> store/x-two/lib/a",
  ]);
  const files = [text("/bin/x"), link("/bin/y", join(one, "bin/y")), text("/lib/a")];
  expect(problems({ packages: [one, two], files })).toEqual([]);
  // A file of the base hides files of all packages.
  const base = content({ packages: [one], files: [text("/bin/x"), text("/bin/y")] });
  expect(problems({ packages: [{ path: two, priority: 4 }] }, base)).toEqual([]);
});

test("a rule writes files of the base again, and a rule without effect is an error", () => {
  const app = source("app", { a: "", "deep/b": "three", "deep/c.sh": "" });
  const base = content({ files: [text("/etc/conf"), copy("/app", app), directory("/data")] });
  const ruled = (glob: string, rule: Image["permissions"] = []) =>
    lines(content({ permissions: [{ glob, mode: 0o600 }, ...rule] }, base).entries);
  expect(ruled("/etc/*")).toEqual(["/etc/conf 600"]);
  expect(ruled("/app/**")).toEqual(["/app 600 = app"]);
  expect(ruled("/app/**/*.sh")).toEqual(["/app/deep/c.sh 600 = app/deep/c.sh"]);
  expect(ruled("/data")).toEqual(["/data 600"]);
  expect(ruled("/dat*")).toEqual(["/data 700"]);
  expect(lines(content({ permissions: [{ glob: "/dat*", mode: 0o744 }] }, base).entries)).toEqual(["/data 744"]);
  expect(lines(content({ permissions: [{ glob: "/etc/conf", mode: 0o644 }] }, base).entries)).toEqual([]);
  const rewritten = (glob: string) => content({ permissions: [{ glob, mode: 0o600 }] }, base).rewritten;
  expect(["/app/**", "/etc/conf", "/data"].map(rewritten)).toEqual([
    { files: 3, bytes: 5 },
    { files: 1, bytes: 0 },
    undefined,
  ]);
  // An image on top starts from the attributes that the base's rules set.
  const closed = content({ permissions: [{ glob: "/app/a", mode: 0o400 }] }, base);
  expect(lines(content({ permissions: [{ glob: "/app/**", owner: { user: 5, group: 5 } }] }, closed).entries)).toEqual([
    "/app 755 5:5",
    "/app/a 400 5:5 = app/a",
    "/app/deep 5:5 = app/deep",
  ]);
  const hello = pack("hello", { "bin/hello": "" });
  expect(
    problems({
      packages: [hello],
      permissions: [
        { glob: "/ect/*", mode: 0 },
        { glob: "/bin", capabilities: ["net-raw"] },
        { glob: "/bin/hello", mode: 0o755 },
        { glob: `${store}/**`, mode: 0 },
      ],
    }),
  ).toEqual([
    "permissions /ect/*: /ect/* matches no file of the image",
    "permissions /bin: /bin matches no program, only folders, links or devices, which cannot have capabilities: write a glob for the programs",
    "permissions /bin/hello: /bin/hello matches only links, which have no mode: write the path of a link's target, or copy the target",
  ]);
});

test("a rule writes files of a base made elsewhere again, and no other file of that base", () => {
  const file = (path: string, more = {}) =>
    ({ kind: "file", path, mode: 0o644, uid: 0, gid: 0, size: 4, layer: 0, offset: 512, ...more }) as const;
  const record = "SCHILY.xattr.security.capability";
  const netRaw = capabilityAttribute(["net-raw"]).toString("base64");
  const kept = { mtime: "1700000000.25", records: { [record]: netRaw, "SCHILY.xattr.user.a": "Yg==" } };
  const others: BaseFile[] = [
    { kind: "device", path: "/dev/null", device: "character", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 },
    { kind: "other", path: "/dev/\ufffd" },
    { kind: "link", path: "/etc/mtab", target: "/proc/mounts", uid: 0, gid: 0 },
    file("/usr/bin/ping", { mode: 0o755, layer: 1, offset: 1024, kept }),
    file("/usr/bin/ping6", { mode: 0o755, layer: 1, offset: 1024, kept }),
    file("/usr/bin/su", { mode: 0o4755 }),
    file("/var/old/x"),
  ];
  const folders = ["/dev", "/etc", "/usr", "/usr/bin", "/var", "/var/old"].map((path) => directory(path));
  const made = content({ files: [...folders, link("/bin", "usr/bin")] });
  const ruled = (glob: string, rule: object, base = made) =>
    content({ permissions: [{ glob, ...rule }] }, base, others);
  const owner = { user: 5, group: 5 };

  const below = ruled("/bin/ping", { owner });
  // The content action writes this file.
  source("contents", { "1-1024": "ping" });
  expect(lines(below.entries)).toEqual(["/usr/bin/ping 755 5:5 = contents/1-1024"]);
  expect(below.entries[0]).toMatchObject({ kept });
  // Attributes that a rule does not set stay; hard links stay hard links if their attributes are equal.
  const [ping, ping6] = ruled("/bin/p*", { owner }).entries;
  expect([ping, ping6]).toMatchObject([{ kept }, { kept, sameAs: "/usr/bin/ping" }]);
  expect(ruled("/bin/p*", { owner }).rewritten).toEqual({ files: 1, bytes: 4 });
  const [apart] = ruled("/usr/bin/ping6", { mode: 0o700 }, below).entries;
  expect(apart).toEqual({ ...ping6, mode: 0o700, uid: 0, gid: 0, sameAs: undefined });
  expect(ruled("/bin/ping", { capabilities: ["net-raw"] }).entries).toEqual([]);
  const { records: _, ...rest } = kept;
  expect(ruled("/bin/ping", { capabilities: ["chown"] }).entries).toMatchObject([
    { capabilities: ["chown"], kept: { ...rest, records: { "SCHILY.xattr.user.a": "Yg==" } } },
  ]);
  expect(ruled("/dev/null", { mode: 0o600 }).entries).toEqual([{ ...others[0], mode: 0o600 }]);
  expect(below.root.map(({ path }) => path)).toEqual(
    [...made.root.map(({ path }) => path), "/usr/bin/ping"].toSorted(),
  );
  expect(lines(ruled("/etc/mtab", { owner }).entries)).toEqual(["/etc/mtab 5:5 -> /proc/mounts"]);
  expect(lines(ruled("/usr/bin/su", { mode: 0o4755 }).entries)).toEqual([]);
  expect(below.rewritten).toEqual({ files: 1, bytes: 4 });
  expect(ruled("/usr/bin/su", { mode: 0o4755 }).rewritten).toBeUndefined();
  // An image on top starts from the attributes that the rule set.
  expect(lines(ruled("/usr/bin/*", { mode: 0o700 }, below).entries)).toEqual([
    "/usr/bin/ping 700 5:5 = contents/1-1024",
    "/usr/bin/ping6 700 = contents/1-1024",
    "/usr/bin/su 700 = contents/0-512",
  ]);

  expect(problems({ permissions: [{ glob: "/dev/**", mode: 0 }] }, made, others)).toEqual([
    "permissions /dev/**: the base has /dev/\ufffd, whose name is not UTF-8, so the rule cannot change it: write a glob that does not match it",
  ]);
  expect(problems({ permissions: [{ glob: "/dev/null", capabilities: ["chown"] }] }, made, others)).toHaveLength(1);
  expect(problems({ files: [link("/var", "/srv")] }, made, others)).toEqual([
    'files /var: /var is a link of files "/var", which would hide the folder with /var/old of the base: remove the folder with a second entry `"/var" remove`, or move this entry to another path',
  ]);
  expect(problems({ files: [link("/var/old", "/srv")] }, made, others)).toHaveLength(1);

  // Removed and replaced files of the base do not count as files of the base.
  const gone = content({ files: [{ kind: "remove", path: "/var/old" }, text("/usr/bin/su")] }, made, others);
  expect(lines(ruled("/usr/bin/s*", { mode: 0o700 }, gone).entries)).toEqual(["/usr/bin/su 700"]);
  expect(problems({ permissions: [{ glob: "/var/old/x", mode: 0 }] }, gone, others)).toEqual([
    "permissions /var/old/x: /var/old/x matches no file of the image",
  ]);
  expect(lines(content({ files: [link("/var/old", "/srv")] }, gone, others).entries)).toEqual(["/var/old -> /srv"]);
});

test("a folder of the base above a new file is listed if a runtime would create it with other attributes", () => {
  const base = content({ files: [directory("/tmp", { mode: 0o1777 }), directory("/srv"), text("/tmp/a")] });
  expect(lines(content({ files: [text("/tmp/b/c"), text("/srv/d")] }, base).entries)).toEqual([
    "/srv/d 644",
    "/tmp 1777",
    "/tmp/b 755",
    "/tmp/b/c 644",
  ]);
});

test("a home folder that is also in `files` belongs to its user", () => {
  const api = { name: "api", uid: 1000, gid: 1001, home: "/home/api" };
  const home = (files: Image["files"]) =>
    lines(content({ users: [api], files: files ?? [] }).entries).filter((line) => line.startsWith("/home/api"));
  expect(home([directory("/home/api")])).toEqual(["/home/api 700 1000:1001"]);
  expect(home([directory("/home/api", { mode: 0o750 })])).toEqual(["/home/api 750 1000:1001"]);
  expect(home([directory("/home/api", { owner: { user: "root", group: null } })])).toEqual(["/home/api 700"]);
  expect(home([copy("/home/api", source("dot", { ".rc": "" }))])).toEqual([
    "/home/api 700 1000:1001",
    "/home/api/.rc = dot/.rc",
  ]);
});

test("the user is converted to ids, and an unknown user is an error", () => {
  const users = [
    { name: "api", uid: 1000, gid: 1001 },
    { name: "ops", uid: 1, gid: 1, groups: ["staff"] },
  ];
  const converted = (user: string, base = NO_BASE) => content({ users, user }, base).config.User;
  expect(converted("api")).toBe("1000:1001");
  expect(converted("ops")).toBe("1");
  expect(converted("ops:api")).toBe("1:1001");
  expect(converted("nobody:staff")).toBe("65534:2000");
  expect(converted("7:8")).toBe("7:8");
  expect(content({ user: "api" }, content({ users })).config.User).toBe("1000:1001");
  expect(content({ user: "www", files: [text("/etc/passwd", "www:x:33:34::/:/bin/sh\n")] }).config.User).toBe("33:34");
  for (const user of ["root", "nobody"]) {
    expect(problems({ user })).toEqual([
      expect.stringMatching(/^config user: the user \w+ is not in .*provide \[ users \]/),
    ]);
  }
  expect(problems({ user: "0:staff" })).toEqual(["config user: the group staff is not in the image's /etc/group"]);
});

test("rules that may match store paths, and copied links into the store, are left to the plan", () => {
  const hello = pack("asked-hello", { "bin/hello": "" });
  const app = source("linked", { "a/b": `-> ${hello}/bin/hello`, "a/c": `-> ${hello}/bin`, d: "-> a/b" });
  const { storeRules, storeLinks } = content({
    packages: [hello],
    files: [copy("/app", app)],
    permissions: [
      { glob: `${store}/*/bin/hello`, mode: 0o555 },
      { glob: "/app/d", owner: { user: 5, group: 5 } },
    ],
  });
  expect(storeRules).toEqual([{ glob: `${store}/*/bin/hello`, specGlob: `${store}/*/bin/hello` }]);
  expect(storeLinks).toEqual([{ at: ["files", "/app"], path: "a/b", target: `${hello}/bin/hello` }]);
});

test("members of groups must be users of the image, its base or its files", () => {
  const staff = (members: string[]) => [{ name: "staff", gid: 50, members }];
  const base = content({ users: [{ name: "api", uid: 1000, gid: 1000 }] });
  expect(problems({ groups: staff(["api", "root", "nobody", "ann"]) }, base)).toEqual([
    "groups staff members 3: the user ann is not in the image's /etc/passwd, which lists root, nobody, api: declare ann in `users`",
  ]);
  const passwd = text("/etc/passwd", "ann:x:5:5::/:/bin/sh\n");
  expect(problems({ groups: staff(["ann"]), files: [passwd] }, base)).toEqual([]);
});

test("files of the base are removed, and the image's files at the same paths stay", () => {
  const base = content({
    packages: [pack("tools", { "bin/a": "", "bin/b": "" })],
    files: [
      copy("/app", source("removable", { one: "", "sub/two": "" })),
      text("/etc/legacy/x"),
      text("/srv/old/y"),
      link("/l", "/etc"),
    ],
  });
  const remove = (path: string) => ({ kind: "remove" as const, path });
  const child = content(
    {
      files: [remove("/bin/a"), remove("/app/sub"), remove("/l/legacy"), remove("/srv/old"), text("/srv/old/z")],
    },
    base,
  );
  expect(lines(child.entries)).toEqual([
    "/app 755",
    "/bin 755",
    "/etc 755",
    "/srv 755",
    "/srv/old 755",
    "/srv/old/z 644",
    "/bin/a is removed",
    "/app/sub is removed",
    "/etc/legacy is removed",
    "/srv/old is removed",
  ]);
  expect(child.entries.flatMap((entry) => (entry.kind === "remove" && entry.opaque ? [entry.path] : []))).toEqual([
    "/srv/old",
  ]);
  const paths = child.root.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["/app/one", "/bin/b", "/etc", "/l", "/srv/old/z"]));
  expect(paths.filter((path) => /^\/(?:bin\/a|app\/sub|etc\/legacy|srv\/old\/y)/.test(path))).toEqual([]);
  // Removed files do not come back in images on top.
  expect(lines(content({ packages: [pack("more", { "bin/c": "" })] }, child).entries)).toEqual([
    "/bin/c -> store/x-more/bin/c",
  ]);
  expect(problems({ files: [remove("/bin/a")] }, child)).toEqual([
    "files /bin/a remove: the base has no file or folder at /bin/a to remove",
  ]);
});

test("a removal inside of another one adds no whiteout, and an image on top may add its paths again", () => {
  const remove = (path: string) => ({ kind: "remove" as const, path });
  const hello = pack("removed-hello", { "bin/hello": "" });
  const base = content({ packages: [hello], files: [text("/d/a"), text("/d/b/c")] });
  const nested = content({ files: [remove("/d"), remove("/d/b"), text("/d/a", "new")] }, base);
  expect(lines(nested.entries)).toEqual(["/d 755", "/d/a 644", "/d is removed"]);
  expect(nested.entries.flatMap((entry) => (entry.kind === "remove" && entry.opaque ? [entry.path] : []))).toEqual([
    "/d",
  ]);

  const box = pack("removed-box", { "bin/box": "" });
  const without = content({ packages: [box], files: [remove("/bin")] }, base);
  const paths = (image: ContentFile) => image.root.map(({ path }) => path).filter((path) => path.startsWith("/bin/"));
  expect(paths(without)).toEqual(["/bin/box"]);
  // Images on top still list files of the base below.
  const child = content({ files: [text("/x")] }, without);
  expect(paths(child)).toEqual(["/bin/box"]);
  expect(problems({ files: [remove("/bin/box")] }, child)).toEqual([]);
  // A package that an image names again is linked again, also in images on top.
  const again = content({ packages: [hello] }, child);
  expect(lines(again.entries)).toEqual(["/bin/hello -> store/x-removed-hello/bin/hello"]);
  expect(paths(content({ files: [text("/y")] }, again))).toEqual(["/bin/box", "/bin/hello"]);
});

test("a package's file can be removed at a path to which a replaced link of the base led", () => {
  const hello = pack("moved-hello", { "bin/hello": "" });
  const base = content({ packages: [hello] }, content({ files: [link("/bin", "usr/bin"), directory("/usr/bin")] }));
  const moved = content({ files: [link("/bin", "sbin"), directory("/sbin")] }, base);
  const child = content(
    { files: [{ kind: "remove", path: "/usr/bin/hello" }] },
    content({ files: [text("/x")] }, moved),
  );
  expect(lines(child.entries)).toContain("/usr/bin/hello is removed");
});

test("a base's file, dangling link or folder at the path of its package's file stays in images on top", () => {
  const tool = pack("settled-tool", { "bin/a": "", "bin/b": "" });
  const base = content({ packages: [tool], files: [link("/bin/a", "/nowhere"), directory("/bin/b")] });
  expect(lines(content({ files: [text("/x")] }, base).entries)).toEqual(["/x 644"]);
});

test("a package's file behind a link of the base can be removed by each of its paths", () => {
  const hello = pack("linked-hello", { "bin/hello": "", "bin/other": "" });
  const base = content(
    { packages: [hello], files: [link("/bin", "usr/bin"), directory("/usr/bin")] },
    content({ files: [link("/bin", "usr/bin")] }),
  );
  const child = content({ files: [{ kind: "remove", path: "/bin/hello" }] }, base);
  expect(lines(child.entries)).toEqual(["/usr 755", "/usr/bin 755", "/usr/bin/hello is removed"]);
  expect(child.root.map(({ path }) => path)).toEqual(["/", "/bin", "/usr", "/usr/bin", "/usr/bin/other"]);
});
