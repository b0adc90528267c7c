import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { extractArchive } from "../../../src/builder/extract/extract-archive.ts";
import { encodeHeader, padding, TRAILER, type EntryHeader } from "../../../src/layer/tar.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-extract-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const next = (name = "x") => join(folder, `${count++}-${name}`);

interface Raw {
  name: string;
  content?: string;
  mode?: number;
  link?: string;
  /** The type flag of an entry that imgc itself never writes. */
  type?: string;
}

/** A tar archive of hostile entries. */
function tarOf(entries: Raw[]): Buffer {
  const blocks = entries.flatMap(({ name, content = "", mode = 0o644, link, type = "0" }) => {
    const kind: EntryHeader["kind"] = link === undefined ? "file" : "symlink";
    const size = Buffer.byteLength(content);
    const target = link === undefined ? {} : { target: Buffer.from(link) };
    const header = encodeHeader({ kind, name: Buffer.from(name), mode, uid: 0, gid: 0, size, ...target });
    const own = header.subarray(-512);
    if (type !== "0") own.write(type, 156, "latin1");
    own.write("        ", 148, "latin1");
    const sum = own.reduce((all, byte) => all + byte, 0);
    own.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return [header, Buffer.from(content), Buffer.alloc(padding(size))];
  });
  return Buffer.concat([...blocks, TRAILER]);
}

/** A zip archive with Unix modes. */
function zipOf(entries: { name: string; content?: string; mode?: number; crc?: number }[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content = "", mode = 0o100644, crc } of entries) {
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(Buffer.byteLength(content), 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const head = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 3]), common, tail, Buffer.from(name)]));
    local.push(head);
    offset += head.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

async function extracted(bytes: Buffer, { strip = 0, xz = null as string | null } = {}) {
  const [archive, into] = [next(), next()];
  writeFileSync(archive, bytes);
  mkdirSync(into);
  const modes = await extractArchive(archive, into, { strip, xz });
  const names = readdirSync(into, { recursive: true, encoding: "utf8" }).toSorted();
  const found = names.map((name) => {
    const at = join(into, name);
    const stat = lstatSync(at);
    if (stat.isSymbolicLink()) return `${name} -> ${readlinkSync(at)}`;
    const mode = (stat.mode & 0o777).toString(8);
    return stat.isDirectory() ? `${name}/ ${mode}` : `${name} ${mode} ${readFileSync(at, "latin1")}`;
  });
  return { found, modes };
}

describe("an archive of tar is unpacked", () => {
  const source = next("source");
  mkdirSync(join(source, "tool-1.0", "bin"), { recursive: true });
  writeFileSync(join(source, "tool-1.0", "bin", "run"), "#!", { mode: 0o755 });
  writeFileSync(join(source, "tool-1.0", "bin", `long-${"n".repeat(150)}`), "long");
  writeFileSync(join(source, "tool-1.0", "read"), "me");
  symlinkSync("/etc/passwd", join(source, "tool-1.0", "away"));
  execFileSync("ln", [join(source, "tool-1.0", "read"), join(source, "tool-1.0", "same")]);
  execFileSync("chmod", ["4751", join(source, "tool-1.0", "bin", "run")]);
  execFileSync("chmod", ["1777", join(source, "tool-1.0", "bin")]);
  const plain = execFileSync("tar", ["-C", source, "-cf", "-", "tool-1.0"]);
  const expected = {
    found: [
      "away -> /etc/passwd",
      "bin/ 755",
      `bin/long-${"n".repeat(150)} 644 long`,
      "bin/run 755 #!",
      "read 644 me",
      "same 644 me",
    ],
    modes: { bin: 0o1777, "bin/run": 0o4751 },
  };

  test.each<[string, () => Buffer]>([
    ["tar", () => plain],
    ["gzip", () => gzipSync(plain)],
    ["zstd", () => zstdCompressSync(plain)],
    ["pax", () => execFileSync("tar", ["-C", source, "--format=pax", "-cf", "-", "./tool-1.0"])],
    ["xz", () => execFileSync("xz", ["-c"], { input: plain })],
  ])("%s", async (form, pack) => {
    expect(await extracted(pack(), { strip: 1, xz: form === "xz" ? "xz" : null })).toEqual(expected);
  });
});

test("a zip keeps Unix modes and links; entries of other systems get the default modes", async () => {
  const { found, modes } = await extracted(
    zipOf([
      { name: "a/", mode: 0o040700 },
      { name: "a/run", content: "#!".repeat(5000), mode: 0o100755 },
      { name: "a/ä", content: "text", mode: 0o100600 },
      { name: "link", content: "a/run", mode: 0o120777 },
      { name: "plain", content: "", mode: 0 },
    ]),
  );
  expect(found).toEqual(["a/ 755", `a/run 755 ${"#!".repeat(5000)}`, "a/ä 644 text", "link -> a/run", "plain 644 "]);
  expect(modes).toEqual({ a: 0o700, [Buffer.from("a/ä").toString("latin1")]: 0o600 });
});

test("`strip` drops leading folders, and the later of two entries wins", async () => {
  const bytes = tarOf([
    { name: "/top/a", content: "one" },
    { name: "other/a", content: "two", mode: 0o600 },
    { name: "gone", content: "x" },
    { name: "top/l", link: "a" },
    { name: "top/l", content: "a file now" },
    { name: "top/b", link: "other/a", type: "1" },
  ]);
  const { found, modes } = await extracted(bytes, { strip: 1 });
  expect(found).toEqual(["a 644 two", "b 644 two", "l 644 a file now"]);
  expect(modes).toEqual({ a: 0o600, b: 0o600 });
});

test("a leading slash is dropped in both forms", async () => {
  const entries = [
    { name: "/etc/a", content: "a" },
    { name: "//b", content: "b" },
  ];
  const expected = ["b 644 b", "etc/ 755", "etc/a 644 a"];
  expect((await extracted(tarOf(entries))).found).toEqual(expected);
  expect((await extracted(zipOf(entries))).found).toEqual(expected);
});

test("the mode of the archive's root folder is kept, unless `strip` drops the folder", async () => {
  const own = [{ name: "./", mode: 0o1777, type: "5" }, { name: "./a/b" }];
  expect((await extracted(tarOf(own))).modes).toEqual({ "": 0o1777 });
  expect((await extracted(tarOf(own), { strip: 1 })).modes).toEqual({});
  expect((await extracted(tarOf([{ name: ".", mode: 0o755, type: "5" }, { name: "a" }]))).modes).toEqual({});
});

const below = "a/".repeat(300);
test.each<[string, () => Buffer, RegExp]>([
  ["..", () => tarOf([{ name: "a/../../x" }]), /`a\/..|leads out of the target with `\.\.`/],
  [
    "below a link",
    () =>
      tarOf([
        { name: "d", link: "/tmp" },
        { name: "d/x", content: "out" },
      ]),
    /d\/x is below d, which is a link/,
  ],
  ["below a file", () => tarOf([{ name: "d" }, { name: "d/x" }]), /d\/x is below d, which is a file/],
  [
    "hard link out",
    () => tarOf([{ name: "x", link: "/etc/passwd", type: "1" }]),
    /leads to \/etc\/passwd, which is not an earlier file/,
  ],
  ["hard link up", () => tarOf([{ name: "x", link: "../../etc/passwd", type: "1" }]), /leads out of the target/],
  ["a device", () => tarOf([{ name: "null", type: "3" }]), /null is a device/],
  ["a pipe", () => tarOf([{ name: "p", type: "6" }]), /p is a pipe/],
  ["GNU's sparse file", () => tarOf([{ name: "s", type: "S" }]), /s is a sparse file/],
  ["a whiteout", () => tarOf([{ name: "a/.wh.b" }]), /contains the whiteout \.wh\.b, which would hide/],
  ["a folder and a file", () => tarOf([{ name: "a/b" }, { name: "a" }]), /has a twice, as a folder and as a file/],
  ["deep", () => tarOf([{ name: `${below}x` }]), /is more than 256 folders deep/],
  ["a long name", () => tarOf([{ name: "n".repeat(256) }]), /the name of its entry n+… is too long/],
  ["cut", () => tarOf([{ name: "a", content: "x" }]).subarray(0, 1024), /the archive is truncated/],
  ["cut gzip", () => gzipSync(tarOf([{ name: "a", content: "x".repeat(9999) }])).subarray(0, 60), /unexpected end/],
  ["text", () => Buffer.from("no archive at all\n".repeat(99)), /not an archive of a supported format/],
  ["a single file", () => gzipSync("only text".repeat(99)), /not an archive of a supported format/],
  ["nothing", () => Buffer.alloc(0), /not an archive of a supported format/],
  ["an empty tar", () => TRAILER, /the archive is empty/],
  ["bzip2", () => Buffer.from("BZh91AY&SY"), /bzip2, which imgc does not support/],
  ["xz without a program", () => Buffer.from("\u00fd7zXZ\0x", "latin1"), /compressed with xz/],
  ["zip ..", () => zipOf([{ name: "../x", content: "x" }]), /leads out of the target with `\.\.`/],
  ["zip with backslashes", () => zipOf([{ name: "a\\..\\..\\x", content: "x" }]), /leads out of the target/],
  [
    "zip below a link",
    () => zipOf([{ name: "d", content: "/tmp", mode: 0o120777 }, { name: "d/x" }]),
    /d\/x is below d/,
  ],
  ["zip with a wrong sum", () => zipOf([{ name: "x", content: "x", crc: 1 }]), /x is damaged/],
  ["zip with a pipe", () => zipOf([{ name: "x", mode: 0o010644 }]), /x is neither/],
  ["an empty zip", () => zipOf([]), /the archive is empty/],
])("%s is refused", async (_, make, message) => {
  await expect(extracted(make())).rejects.toThrow(message);
});

test("a `strip` that leaves no file is refused", async () => {
  await expect(extracted(tarOf([{ name: "a" }]), { strip: 1 })).rejects.toThrow(
    "`strip 1` leaves no file of the archive",
  );
});

test("an archive that unpacks to far more bytes than its own is refused before it fills the disk", async () => {
  // The header announces the size.
  const header = encodeHeader({ kind: "file", name: Buffer.from("zeros"), mode: 0o644, uid: 0, gid: 0, size: 2 ** 40 });
  await expect(extracted(gzipSync(Buffer.concat([header, Buffer.alloc(4096)])))).rejects.toThrow(
    /unpacks to more than/,
  );
});
