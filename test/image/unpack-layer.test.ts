import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { FileTree } from "../../src/image/file-tree.ts";
import { unpackLayer } from "../../src/image/unpack-layer.ts";
import { TarReader } from "../../src/layer/read-tar.ts";
import { encodeHeader, padding, TRAILER } from "../../src/layer/tar.ts";

interface Entry {
  name: string;
  /** A file has a text, a link a target, a folder neither. */
  text?: string;
  target?: string;
  isHardLink?: boolean;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function layer(entries: Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, text, target, isHardLink = false }) => {
    const kind = text !== undefined ? "file" : target !== undefined ? "symlink" : "directory";
    const size = Buffer.byteLength(text ?? "");
    const more = target === undefined ? {} : { target: Buffer.from(target) };
    const header = encodeHeader({ kind, name: Buffer.from(name), mode: 0o755, uid: 0, gid: 0, size, ...more });
    return [isHardLink ? asHardLink(header) : header, Buffer.from(text ?? ""), Buffer.alloc(padding(size))];
  });
  return Buffer.concat([...blocks, TRAILER]);
}

function asHardLink(header: Buffer): Buffer {
  header.write("1", 156);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

async function unpacked(layers: Entry[][], into = join(folder, "root")): Promise<string> {
  mkdirSync(into, { recursive: true });
  for (const entries of layers) await unpackLayer([layer(entries)], into);
  return into;
}

/** The files below a folder: contents of files, targets of links. */
function listed(at: string): Record<string, string> {
  const entries = readdirSync(at, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = join(at, entry.name);
    if (entry.isSymbolicLink()) return [[entry.name, `-> ${readlinkSync(path)}`]];
    if (!entry.isDirectory()) return [[entry.name, readFileSync(path, "utf8")]];
    const below = Object.entries(listed(path)).map(([name, content]): [string, string] => [
      `${entry.name}/${name}`,
      content,
    ]);
    return [[entry.name, "/"], ...below];
  });
  return Object.fromEntries(entries);
}

test("higher layers replace and remove files of any kind", async () => {
  const root = await unpacked([
    [
      { name: "a/x", text: "1" },
      { name: "a/y", text: "1" },
      { name: "b", text: "1" },
      { name: "c/d/e", text: "1" },
    ],
    [
      { name: "a/.wh.x", text: "" },
      { name: "c", target: "a" },
    ],
    [{ name: "b" }, { name: "b/in", text: "3" }, { name: "link", target: "b/in", isHardLink: true }],
  ]);
  expect(listed(root)).toEqual({ a: "/", "a/y": "1", b: "/", "b/in": "3", c: "-> a", link: "3" });
  expect(lstatSync(join(root, "link")).ino).toBe(lstatSync(join(root, "b/in")).ino);
});

test("an opaque folder keeps all files of its own layer, before and after the whiteout", async () => {
  const root = await unpacked([
    [
      { name: "d/old", text: "1" },
      { name: "d/both/old", text: "1" },
    ],
    [
      { name: "d/both/new", text: "2" },
      { name: "d/.wh..wh..opq", text: "" },
      { name: "d/later", text: "2" },
    ],
  ]);
  expect(listed(root)).toEqual({ d: "/", "d/both": "/", "d/both/new": "2", "d/later": "2" });
});

test("for root, owners, modes, times and links are the same as in GNU tar's archive", async () => {
  const [from, into] = [join(folder, "from"), join(folder, "into")];
  mkdirSync(join(from, "d"), { recursive: true });
  mkdirSync(into);
  writeFileSync(Buffer.concat([Buffer.from(`${from}/d/odd`), Buffer.from([0xff])]), "odd");
  writeFileSync(join(from, "run"), "x".repeat(3000));
  const shell = `ln run run2; ln -s /none link; mkfifo pipe; chown -h 7:8 run link d; chmod 4751 run; chmod 1770 d; touch -hd @1234567890 *`;
  execFileSync("sh", ["-c", shell], { cwd: from });
  const tar = (at: string, ...options: string[]) => execFileSync("tar", ["-C", at, ...options, "-cf", "-", "."]);
  await unpackLayer([tar(from, "--format=pax")], into, { asRoot: true });
  rmSync(join(from, "pipe"));
  const compared = (at: string) => {
    execFileSync("touch", ["-d", "@0", at, join(at, "d"), join(at, "d/..")]);
    return tar(at, "--sort=name", "--mtime=@0").toString("latin1");
  };
  expect(compared(into)).toBe(compared(from));
  expect(lstatSync(join(into, "run")).mtimeMs).toBe(1234567890_000);
});

test("no file outside of the folder is written, linked or removed", async () => {
  const outside = join(folder, "outside");
  const part = fc.constantFrom("a", "..", ".", ".wh.a", ".wh...", ".wh..", ".wh..wh..opq", ".wh.");
  const odd = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("a", "b", "a/a", "a/file", "a/.wh.a") }, odd);
  const target = fc.oneof(
    name,
    fc.constantFrom("a/file", "../../outside", "../../outside/file", outside, `${outside}/file`),
  );
  const entry = fc.oneof(
    fc.record({ name, text: fc.constant("written") }),
    fc.record({ name }),
    fc.record({ name, target, isHardLink: fc.boolean() }),
  );
  const layers = fc.array(fc.array(entry, { maxLength: 4 }), { maxLength: 3 });
  const through = [{ name: "a", target: outside, isHardLink: false }];
  await fc.assert(
    fc.asyncProperty(layers, async (made) => {
      rmSync(folder, { recursive: true });
      mkdirSync(join(outside, "a"), { recursive: true });
      writeFileSync(join(outside, "file"), "kept");
      const at = join(folder, "within/root");
      await unpacked(made, at).catch(() => {});
      expect(readdirSync(folder)).toEqual(["outside", "within"]);
      expect(readdirSync(join(folder, "within"))).toEqual(["root"]);
      expect(listed(outside)).toEqual({ a: "/", file: "kept" });
      expect(lstatSync(join(outside, "file")).nlink).toBe(1);
    }),
    {
      examples: [
        [[through, [{ name: "a/file", text: "written" }]]],
        [[through, [{ name: "b", target: "a/file", isHardLink: true }]]],
      ],
    },
  );
});

test("the unpacked files are the nodes of the layers' file tree", async () => {
  const name = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const hiding = fc.tuple(name, fc.constantFrom(".wh.a", ".wh.b", ".wh..wh..opq")).map((parts) => parts.join("/"));
  const entry = fc.oneof(
    fc.record({ name, text: fc.string({ maxLength: 3 }) }),
    fc.record({ name }),
    fc.record({ name, target: fc.constant("a") }),
    fc.record({ name: hiding, text: fc.constant("") }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 5 }), { maxLength: 3 }), async (layers) => {
      const tree = new FileTree();
      let isSane = true;
      for (const [i, entries] of layers.entries()) {
        const reader = new TarReader((each) => {
          isSane &&= tree.add(i, each, each.name.split("/")) === undefined;
        });
        reader.push(layer(entries));
      }
      fc.pre(isSane);
      const at = join(folder, "root");
      rmSync(at, { recursive: true, force: true });
      const kinds = Object.entries(listed(await unpacked(layers, at))).map(([path, content]) => [
        `/${path}`,
        content === "/" ? "directory" : content.startsWith("->") ? "symlink" : "file",
      ]);
      const expected = [...tree.walk()].map(({ path, node }) => [path, node.kind]);
      expect(Object.fromEntries(kinds)).toEqual(Object.fromEntries(expected));
    }),
  );
});
