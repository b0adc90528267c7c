import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { blobCache } from "../../src/publish/blob-cache.ts";

let memory: string;
let own: string;

beforeEach(() => {
  memory = mkdtempSync(join(tmpdir(), "imgc-test-"));
  own = join(memory, `imgc-${process.getuid?.() ?? 0}`);
});
afterEach(() => rmSync(memory, { recursive: true }));

test("one cache serves all data folders; a cache that is too large is deleted", () => {
  const data = mkdtempSync(join(tmpdir(), "imgc-test-"));
  const before = process.env["XDG_DATA_HOME"];
  try {
    const cache = join(own, "containers/cache/blobs");
    const first = blobCache(false, memory)["XDG_DATA_HOME"] as string;
    writeFileSync(cache, "");
    process.env["XDG_DATA_HOME"] = data;
    mkdirSync(join(data, "containers"));
    const second = blobCache(false, memory)["XDG_DATA_HOME"] as string;
    expect(second).not.toBe(first);
    writeFileSync(join(data, "more"), "");
    expect(blobCache(false, memory)["XDG_DATA_HOME"]).toBe(second);
    for (const folder of [first, second]) expect(existsSync(join(folder, "containers/cache/blobs"))).toBe(true);
    expect(existsSync(join(second, "more"))).toBe(true);
    truncateSync(cache, 1 << 30);
    blobCache(false, memory);
    expect(existsSync(cache)).toBe(false);
  } finally {
    if (before === undefined) delete process.env["XDG_DATA_HOME"];
    else process.env["XDG_DATA_HOME"] = before;
    rmSync(data, { recursive: true });
  }
});

test("a folder that others may write, or a symbolic link, is not used", () => {
  expect(blobCache(false, join(memory, "none"))).toEqual({});
  mkdirSync(own);
  chmodSync(own, 0o777);
  expect(blobCache(false, memory)).toEqual({});
  rmSync(own, { recursive: true });
  mkdirSync(join(memory, "other"), { mode: 0o700 });
  symlinkSync("other", own);
  expect(blobCache(false, memory)).toEqual({});
});
