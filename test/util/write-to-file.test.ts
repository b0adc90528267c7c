/** A file is closed when its writer fails, so that its folder can be deleted. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeToFile } from "../../src/util/write-to-file.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "imgc-test-write-"));

test("writes all pieces", async () => {
  const folder = newFolder();
  await writeToFile([Buffer.from("a"), Buffer.from("b")], join(folder, "file"));
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("ab");
  rmSync(folder, { recursive: true });
});

// eslint-disable-next-line require-yield
async function* failing(): AsyncGenerator<Buffer> {
  throw new Error("the source broke");
}

test.each([
  ["its source fails", failing, () => undefined, "the source broke"],
  [
    "it is aborted",
    async function* () {
      yield Buffer.alloc(1 << 20);
    },
    () => AbortSignal.abort(),
    "aborted",
  ],
])("if %s, the file is closed, and is not created later", async (_, source, signal, message) => {
  const folder = newFolder();
  const open = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      const link = join("/proc/self/fd", fd);
      return existsSync(link) && readlinkSync(link).startsWith(folder);
    });
  for (let i = 0; i < 50; i++) {
    await expect(writeToFile(source(), join(folder, `${i}`), signal())).rejects.toThrow(message);
    const [files, opened] = [readdirSync(folder), open()];
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect([files, opened]).toEqual([readdirSync(folder), []]);
  }
  rmSync(folder, { recursive: true });
});

test("a folder that does not exist is an error", async () => {
  await expect(writeToFile([], "/proc/none/file")).rejects.toThrow("ENOENT");
});
