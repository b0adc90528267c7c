/** The folders of exports. */
import { expect, test } from "vitest";
import { writeFolder } from "../../src/publish/export.ts";

test("a folder that cannot be made is an error, and does not hang", async () => {
  const { signal } = new AbortController();
  const files = [{ name: "blobs/sha256/a", size: 0, bytes: Buffer.alloc(0) }];
  await expect(writeFolder(files, "/proc/imgc", signal)).rejects.toThrow("mkdir '/proc/imgc'");
});
