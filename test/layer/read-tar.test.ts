import { expect, test } from "vitest";
import { plainName, TarReader, type TarEntry } from "../../src/layer/read-tar.ts";
import { encodeHeader, TRAILER } from "../../src/layer/tar.ts";

/** A header of an empty file, with the bytes `[offset, text]` replaced. */
function header(...changes: [number, string][]): Buffer {
  const entry = { kind: "file", name: Buffer.from("f"), mode: 0o644, uid: 0, gid: 0, size: 0 } as const;
  const block = encodeHeader(entry);
  for (const [at, text] of changes) block.write(text, at, "latin1");
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** The entries of a stream, pushed in pieces of this many bytes. */
function entriesOf(blocks: Buffer[], piece = Infinity, options = {}): TarEntry[] {
  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => void entries.push(entry), options);
  const bytes = Buffer.concat([...blocks, TRAILER]);
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  reader.end();
  return entries;
}

test.each([
  ["0000644\0", 0o644],
  ["00000644", 0o644],
  ["   644 \0", 0o644],
  ["644\0zzzz", 0o644],
  ["\0zzzzzzz", 0],
  ["        ", 0],
  ["\u0080\0\0\0\0\0\u0001\u0002", 0x102],
])("the number %j is %i", (text, value) => {
  expect(entriesOf([header([108, text])])[0]?.uid).toBe(value);
});

test.each(["000064x\0", "-0000644", "00 00644"])("the number %j is an error", (text) => {
  expect(() => entriesOf([header([108, text])])).toThrow("a header has an invalid number");
});

test("a checksum must be right, and in strict mode have imgc's form", () => {
  const spaced = header();
  spaced.write(` ${spaced.toString("latin1", 149, 154)}\0 `, 148);
  expect(entriesOf([spaced])).toHaveLength(1);
  expect(() => entriesOf([spaced], Infinity, { strict: true })).toThrow("a header has the checksum");
  const wrong = header();
  wrong.write("g", 0);
  expect(() => entriesOf([wrong])).toThrow("a header has the checksum");
});

test("headers are read wherever pieces end", () => {
  const blocks = [header([0, "one\0"]), header([0, "two\0"]), header([0, "three\0"], [345, "in\0"])];
  const whole = entriesOf(blocks);
  expect(whole.map(({ name, offset }) => [name, offset])).toEqual([
    ["one", 512],
    ["two", 1024],
    ["in/three", 1536],
  ]);
  for (const piece of [1, 100, 512, 513, 700]) expect(entriesOf(blocks, piece)).toEqual(whole);
});

test("names with many slashes take linear time", () => {
  const slashes = "/".repeat(500_000);
  expect(plainName(`a${slashes}b`)).toBe(`a${slashes}b`);
  expect(plainName(`./${slashes}a${slashes}`)).toBe("a");
  expect(["/", ".", "./", "a/.", "./a/"].map(plainName)).toEqual(["", "", "", "a/.", "a"]);
});
