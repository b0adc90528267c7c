/** Makes descriptions from a folder, and from files of other tools. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { importedSource } from "../../src/app/import.ts";
import { requireNew, writeDescription } from "../../src/app/init.ts";
import { checkOnDisk } from "../../src/app/read-spec.ts";
import { EXIT } from "../../src/util/errors.ts";
import { files, folder } from "../e2e/tools.ts";

const usage = expect.objectContaining({ exitCode: EXIT.usage }) as Error;

test("a first description is written once, and only if it is right", async () => {
  const at = folder();
  const file = join(at, "image.imgspec");
  await expect(writeDescription(file, "nix", { name: "A B" })).rejects.toThrow('"A B"');
  expect(existsSync(file)).toBe(false);
  requireNew(file);
  await writeDescription(file, "nix", { name: "shop/api", package: "hello" });
  expect(readFileSync(file, "utf8")).toContain('image "shop/api" {');
  expect(() => requireNew(file)).toThrow(usage);
});

test("an imported file becomes a formatted description beside the file", async () => {
  const file = files({ Dockerfile: 'FROM scratch\nCMD ["/bin/app"]\n', "taken.imgspec": "" });
  const source = await importedSource(file, {});
  expect(source.path).toBe(join(dirname(file), "image.imgspec"));
  expect(existsSync(source.path)).toBe(false);
  expect(checkOnDisk(source).diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const output = join(dirname(file), "new.imgspec");
  expect((await importedSource(file, { output })).path).toBe(output);
  await expect(importedSource(file, { output: join(folder(), "new.imgspec") })).rejects.toThrow(usage);
  await expect(importedSource(file, { output: join(dirname(file), "taken.imgspec") })).rejects.toThrow(usage);
  await expect(importedSource(files({ "a.txt": "" }), {})).rejects.toThrow("--from dockerfile|apko|nix");
});
