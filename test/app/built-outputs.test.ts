import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BuiltOutputs } from "../../src/app/built-outputs.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { EXIT } from "../../src/util/errors.ts";
import { folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";

test("an output of an earlier build is read once; a damaged one fails only if the build returns it", async () => {
  const root = folder();
  const kept = await makeImage(root, "kept", { name: "kept", layers: { a: "aaa" } });
  const damaged = join(root, "damaged");
  mkdirSync(join(damaged, "layers"), { recursive: true });
  writeFileSync(join(damaged, "image.json"), "{");
  const outputs = new BuiltOutputs([kept, damaged, join(root, "missing")]);
  rmSync(join(kept, "image.json"));
  const [found] = outputs.images(kept);
  expect(found?.image.file.name).toBe("kept");
  expect(found?.digest).toBe(sha256(found?.image.manifestBytes ?? ""));
  const message = expect.stringContaining("it was built, but cannot be read") as string;
  expect(() => outputs.images(damaged)).toThrow(expect.objectContaining({ exitCode: EXIT.environment, message }));
});
