/** Damaged archives of images: by imgc, by skopeo, and compressed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { encodeHeader, BLOCK, TRAILER } from "../../src/layer/tar.ts";
import { anyClasses, imageArchiveClasses, tarEntries } from "./byte-classes.ts";
import { copyOf, isFound, missed, tiny } from "./damage.ts";
import { failure, folder, IMGC, tool } from "./tools.ts";

const FORMS = [
  ["ociArchive", "gzip", "docker"],
  ["ociArchive", "zstd", "oci"],
  ["dockerArchive", "zstd", "oci"],
] as const;

/** Whether each change of the bytes is found, by name. */
async function found(path: string, changes: Record<string, Buffer>): Promise<Record<string, boolean>> {
  const bytes = readFileSync(path);
  const results: Record<string, boolean> = {};
  for (const [name, changed] of Object.entries(changes)) {
    writeFileSync(path, changed);
    results[name] = await isFound(path);
  }
  writeFileSync(path, bytes);
  return results;
}
const only = (results: Record<string, boolean>, wanted: boolean) =>
  Object.keys(results).filter((name) => results[name] === wanted);

test.each(FORMS)("%s of %s layers (%s): every kind of damage is found", async (attribute, compression, manifest) => {
  const path = await copyOf(await tiny(attribute, compression, manifest), join(folder(), "image.tar"));
  expect(await isFound(path, true)).toBe(false);
  const bytes = readFileSync(path);
  expect(await missed(path, path, imageArchiveClasses(bytes))).toEqual([]);

  const changes: Record<string, Buffer> = {};
  for (let size = 0; size < bytes.length; size += BLOCK) {
    changes[`cut at ${size}`] = bytes.subarray(0, size);
    changes[`cut at ${size + 1}`] = bytes.subarray(0, size + 1);
  }
  changes["one byte less"] = bytes.subarray(0, -1);
  changes["one byte more"] = Buffer.concat([bytes, Buffer.from([0])]);
  changes["words behind the end"] = Buffer.concat([bytes, Buffer.alloc(BLOCK, "x")]);
  changes["an archive behind the end"] = Buffer.concat([bytes, bytes]);

  const entries = tarEntries(bytes);
  const end = (entries.at(-1) as (typeof entries)[0]).next;
  const blocks: Buffer[] = entries.map(({ header, next }) => bytes.subarray(header, next));
  const joined = (parts: Buffer[]) => Buffer.concat([...parts, TRAILER]);
  const header = (name: string, size: number) =>
    encodeHeader({ kind: "file", name: Buffer.from(name), mode: 0o644, uid: 0, gid: 0, size });
  changes["one entry more"] = joined([...blocks, header("more", 0)]);
  changes["a link more"] = joined([
    ...blocks,
    encodeHeader({
      kind: "symlink",
      name: Buffer.from("more"),
      target: Buffer.from("x"),
      mode: 0o777,
      uid: 0,
      gid: 0,
      size: 0,
    }),
  ]);
  for (const [i, { name, content, size, next }] of entries.entries()) {
    changes[`${name} missing`] = joined(blocks.filter((_, j) => j !== i));
    changes[`${name} twice`] = joined([...blocks, blocks[i] as Buffer]);
    changes[`${name} renamed`] = joined(
      blocks.with(i, Buffer.concat([header(`${name}x`, size), bytes.subarray(content, next)])),
    );
    changes[`${name} a folder`] = joined(
      blocks.with(
        i,
        encodeHeader({ kind: "directory", name: Buffer.from(name), mode: 0o755, uid: 0, gid: 0, size: 0 }),
      ),
    );
    changes[`${name} a byte shorter`] = joined(
      blocks.with(i, Buffer.concat([header(name, size - 1), bytes.subarray(content, next)])),
    );
    const other = entries[(i + 1) % entries.length] as (typeof entries)[0];
    changes[`${name} in the place of ${other.name}`] = joined(
      blocks
        .with(i, Buffer.concat([header(other.name, size), bytes.subarray(content, next)]))
        .with(
          (i + 1) % entries.length,
          Buffer.concat([header(name, other.size), bytes.subarray(other.content, other.next)]),
        ),
    );
  }
  expect(only(await found(path, changes), false)).toEqual([]);

  // Without a meaning: the order of whole entries, zeros that fill the last record, and, where the header's checksum is
  // right again, what an unpacked file would have of owner, mode and time, since no reader of images unpacks them.
  const harmless: Record<string, Buffer> = {
    "another order": joined(blocks.toReversed()),
    "more zeros": Buffer.concat([bytes.subarray(0, end), Buffer.alloc(10240)]),
  };
  const owned = {
    kind: "file",
    name: Buffer.from(entries[0]?.name ?? ""),
    mode: 0o600,
    uid: 1,
    gid: 1,
    size: entries[0]?.size ?? 0,
  } as const;
  harmless["another owner and mode"] = joined([
    Buffer.concat([encodeHeader(owned), bytes.subarray(BLOCK, entries[0]?.next)]),
    ...blocks.slice(1),
  ]);
  expect(only(await found(path, harmless), true)).toEqual([]);
});

test("a flip in a compressed archive that changes its content, or in data after it, is found", async () => {
  const plain = readFileSync(await tiny("ociArchive"));
  const forms = [
    ["gz", gzipSync(plain), gunzipSync],
    ["zst", zstdCompressSync(plain), zstdDecompressSync],
  ] as const;
  for (const [name, packed, unpack] of forms) {
    const path = join(folder(), `image.tar.${name}`);
    writeFileSync(path, packed);
    expect(await isFound(path, true)).toBe(false);
    // Flips that change no content: the time in gzip's header, and unused bits.
    const isMeaningless = (flipped: Buffer): boolean => {
      try {
        return unpack(flipped).equals(plain);
      } catch {
        return false;
      }
    };
    expect(await missed(path, path, anyClasses(packed), { isMeaningless })).toEqual([]);
    const cuts = [0, 1, 2, 4, 10, packed.length >> 1, packed.length - 8, packed.length - 1];
    const changes = Object.fromEntries(cuts.map((size) => [`cut at ${size}`, packed.subarray(0, size)]));
    changes["a byte behind"] = Buffer.concat([packed, Buffer.from("x")]);
    changes["itself behind"] = Buffer.concat([packed, packed]);
    changes["zeros behind"] = Buffer.concat([packed, Buffer.alloc(512)]);
    expect(only(await found(path, changes), false)).toEqual([]);
  }
});

test("in another tool's archive, all bytes that a reader uses are checked", async () => {
  const layout = await tiny("oci", "gzip", "docker");
  const path = join(folder(), "docker.tar");
  await tool("skopeo", [
    "--insecure-policy",
    "copy",
    "--quiet",
    `oci:${layout}`,
    `docker-archive:${path}:test/flips:v1`,
  ]);
  expect(await isFound(path)).toBe(false);
  const unseen = await missed(path, path, imageArchiveClasses(readFileSync(path)));
  // The format before Docker 1.10 (2016), which no reader uses; manifest.json repeats all of it.
  const older = /^docker\.tar [0-9a-f]{64}\/(?:VERSION|json): /;
  expect(unseen.filter((each) => !older.test(each))).toEqual([]);
  expect(unseen.filter((each) => !/: (?:byte \d+|.*(?:key|value|[[\]{},:]|space))$/.test(each))).toEqual([]);
});

test("a decompressed copy left by a killed process is deleted by the next one", async () => {
  const temporary = folder();
  const zeros = gzipSync(Buffer.alloc(1 << 24));
  const large = join(folder(), "large.tar.gz");
  writeFileSync(large, Buffer.concat(Array.from({ length: 64 }, () => zeros)));
  const env = { TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1" };
  const reader = spawn(process.execPath, [IMGC, "verify", large], { stdio: "ignore", env: { ...process.env, ...env } });
  const ended = once(reader, "close");
  while (readdirSync(temporary).length === 0) await sleep(2);
  const left = readdirSync(temporary);
  reader.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect([left, readdirSync(temporary)]).toEqual([[expect.stringMatching(/^imgc-archive-/)], left]);
  const small = join(folder(), "small.tar.gz");
  writeFileSync(small, zeros);
  await failure(tool(process.execPath, [IMGC, "verify", small], env));
  expect(readdirSync(temporary)).toEqual([]);
});
