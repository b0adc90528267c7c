import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TarReader, type TarEntry } from "../../src/layer/read-tar.ts";
import { layerChunks, tarChunks } from "../../src/layer/stream.ts";
import type { PreservedAttributes, RootEntry } from "../../src/layer/recipe.ts";
import type { Entry } from "../../src/layer/tree.ts";

const owner = { uid: 0, gid: 0 };
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-stream-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function bytes(chunks: Iterable<Buffer>): Buffer {
  return Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk)));
}

function read(tar: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => void entries.push(entry));
  reader.push(tar);
  reader.end();
  return entries;
}

test("the stream of constant content has its digest of format version 1", () => {
  const entries: RootEntry[] = [
    { kind: "directory", path: "/data", mode: 0o750, uid: 1000, gid: 1000 },
    { kind: "link", path: "/data/link", target: "t".repeat(150), ...owner },
    { kind: "text", path: `/data/${"n".repeat(120)}/${"m".repeat(120)}`, text: "äöü\n", mode: 0o4755, ...owner },
  ];
  const digest = createHash("sha256")
    .update(bytes(layerChunks({ paths: [], entries, permissions: [] })))
    .digest("hex");
  expect(digest).toMatchInlineSnapshot(`"80a35279006f748712cba0885b0f229cd3ad7abf9371806df286473b08fafce4"`);
});

test("GNU tar lists and unpacks a layer: odd bytes, long names, links, empty files, modes", () => {
  const source = join(folder, "tree");
  mkdirSync(join(source, "d".repeat(100), "e".repeat(100)), { recursive: true });
  writeFileSync(join(source, "d".repeat(100), "e".repeat(100), "f".repeat(200)), "deep");
  writeFileSync(Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0x66, 0xff, 0x0a, 0x67])]), "odd");
  writeFileSync(join(source, "run"), "#!", { mode: 0o755 });
  writeFileSync(join(source, "empty"), "");
  symlinkSync("x".repeat(300), join(source, "link"));
  const entries: RootEntry[] = [{ kind: "copy", path: "/a", source, mode: null, ...owner }];
  const file = join(folder, "a.tar");
  writeFileSync(file, bytes(layerChunks({ paths: [], entries, permissions: [] })));
  const listing = execFileSync("tar", ["--quoting-style=c", "-tvf", file], { encoding: "latin1" });
  expect(listing).toContain(`"a/${"d".repeat(100)}/${"e".repeat(100)}/${"f".repeat(200)}"`);
  expect(listing).toContain('"a/f\\377\\ng"');
  expect(listing).toMatch(/^-rwxr-xr-x 0\/0 +2 1970-01-01 00:00 "a\/run"$/m);
  expect(listing).toMatch(/^-rw-r--r-- 0\/0 +0 .*"a\/empty"$/m);
  expect(listing).toContain(`"a/link" -> "${"x".repeat(300)}"`);

  const unpacked = join(folder, "unpacked");
  mkdirSync(unpacked);
  execFileSync("tar", ["-C", unpacked, "-xf", file]);
  execFileSync("diff", ["-r", "--no-dereference", source, join(unpacked, "a")]);
});

test("GNU tar lists devices, hard links, times and extended attributes", () => {
  const source = join(folder, "kept");
  writeFileSync(source, "kept");
  const kept = { mtime: "1700000000.25", records: { "SCHILY.xattr.user.a": "AOk=", "SCHILY.xattr.user.b": "" } };
  const device = { kind: "device", ...owner, kept: { mtime: "-5" } } as const;
  const file = { kind: "copy", source, mode: 0o640, uid: 7, gid: 8, kept } as const;
  const entries: RootEntry[] = [
    { kind: "directory", path: "/d", mode: 0o700, ...owner, kept },
    { ...device, path: "/d/null", device: "character", major: 1, minor: 3, mode: 0o666 },
    { ...device, path: "/d/pipe", device: "pipe", major: 0, minor: 0, mode: 0o600 },
    { ...device, path: "/d/sda", device: "block", major: 8, minor: 0x12345, mode: 0o660 },
    { ...file, path: "/f" },
    { ...file, path: "/g", sameAs: "/f" },
    { kind: "link", path: "/l", target: "f", ...owner, kept: { mtime: "9999999999" } },
    { kind: "text", path: "/t", text: "t", mode: 0o600, ...owner, kept },
  ];
  const tar = bytes(layerChunks({ paths: [], entries, permissions: [] }));
  const archive = join(folder, "kept.tar");
  writeFileSync(archive, tar);
  const options = ["--full-time", "--utc", "--numeric-owner", "-tvf", archive];
  expect(execFileSync("tar", options, { encoding: "utf8" }).replaceAll(/ +/g, " ").trim().split("\n")).toEqual([
    "drwx------ 0/0 0 2023-11-14 22:13:20.25 d/",
    "crw-rw-rw- 0/0 1,3 1969-12-31 23:59:55 d/null",
    "prw------- 0/0 0 1969-12-31 23:59:55 d/pipe",
    "brw-rw---- 0/0 8,74565 1969-12-31 23:59:55 d/sda",
    "-rw-r----- 7/8 4 2023-11-14 22:13:20.25 f",
    "hrw-r----- 7/8 0 2023-11-14 22:13:20.25 g link to f",
    "lrwxrwxrwx 0/0 0 2286-11-20 17:46:39 l -> f",
    "-rw------- 0/0 1 2023-11-14 22:13:20.25 t",
  ]);
  const records = read(tar).map((entry) =>
    [...entry.records].flatMap(([key, value]) =>
      key === "mtime" ? [] : [[key, Buffer.from(value, "latin1").toString("base64")]],
    ),
  );
  expect(records).toEqual(
    entries.map((entry) => Object.entries((entry as { kept: PreservedAttributes }).kept.records ?? {})),
  );
});

test("a file over 8 GiB has its size in a pax header", () => {
  const source = Buffer.from(join(folder, "huge"));
  writeFileSync(source, "");
  const size = 8 * 2 ** 30 + 1;
  truncateSync(source, size);
  const first = tarChunks([{ kind: "file", name: Buffer.from("huge"), mode: 0o444, ...owner, size, source }]).next();
  const head = Buffer.from(first.value as Buffer);
  const seen: TarEntry[] = [];
  new TarReader((entry) => void seen.push(entry)).push(head.subarray(0, 2048));
  expect(seen).toMatchObject([{ name: "huge", type: "0", mode: 0o444, size }]);
  // The archive is sparse after its headers, so the test needs little space, and GNU tar reads the archive to its end.
  const file = join(folder, "huge.tar");
  const headers = 3 * 512;
  writeFileSync(file, head.subarray(0, headers));
  truncateSync(file, headers + Math.ceil(size / 512) * 512 + 1024);
  expect(execFileSync("tar", ["-tvf", file], { encoding: "utf8" })).toContain(`${size} 1970-01-01 00:00 huge\n`);
});

test("entries with any names and contents are read back", () => {
  const part = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }).map((s) => s.replaceAll(/[/\0]/g, "_"));
  const path = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => `/x${parts.join("/")}`);
  const entry = fc.record({ path, text: fc.string({ maxLength: 3000 }), mode: fc.integer({ min: 0, max: 0o7777 }) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), (files) => {
      const entries: RootEntry[] = files.map((file) => ({ kind: "text", ...file, ...owner }));
      const tar = bytes(layerChunks({ paths: [], entries, permissions: [] }));
      expect(tar.length % 512).toBe(0);
      expect(read(tar)).toEqual(
        files.map(({ path: name, text, mode }) => ({
          name: Buffer.from(name.slice(1)).toString("latin1").replaceAll(/\/+$/g, ""),
          type: "0",
          mode,
          ...owner,
          mtime: 1,
          major: 0,
          minor: 0,
          target: "",
          size: Buffer.byteLength(text),
          offset: expect.any(Number) as number,
          records: new Map(),
        })),
      );
    }),
  );
});

test("a source that shrinks while it is read is an error", () => {
  const source = join(folder, "shrinks");
  writeFileSync(source, "12345");
  const entry = { kind: "file" as const, name: Buffer.from("f"), mode: 0o444, ...owner, size: 10 };
  expect(() => bytes(tarChunks([{ ...entry, source: Buffer.from(source) }]))).toThrow("became shorter");
});

test("a finished stream passes its buffer on, and streams at the same time have buffers of their own", () => {
  const entries = (): Entry[] => [
    {
      kind: "file",
      name: Buffer.from("a"),
      mode: 0o444,
      uid: 0,
      gid: 0,
      size: 2 << 20,
      contents: Buffer.alloc(2 << 20),
    },
  ];
  const [first, second] = [tarChunks(entries()), tarChunks(entries())];
  const buffers = [first.next().value, second.next().value].map((chunk) => (chunk as Buffer).buffer);
  expect(buffers[0]).not.toBe(buffers[1]);
  first.return(undefined);
  expect((tarChunks(entries()).next().value as Buffer).buffer).toBe(buffers[0]);
  expect((second.next().value as Buffer).buffer).toBe(buffers[1]);
});
