import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { onImages } from "../../src/publish/engine-images.ts";
import { folder } from "../e2e/tools.ts";

/** An engine whose first `failures` commands fail. */
function engine(failures: number): { program: string; calls: () => number } {
  const at = folder();
  const program = join(at, "engine");
  writeFileSync(
    program,
    `#!/bin/sh
echo "$@" >> ${at}/calls
[ "$(wc -l < ${at}/calls)" -gt ${failures} ] || { echo 'Error: reading image "1": image not known' >&2; exit 125; }
echo done
`,
  );
  chmodSync(program, 0o755);
  return { program, calls: () => readFileSync(join(at, "calls"), "utf8").split("\n").length - 1 };
}

test("a command on images is repeated if it fails", async () => {
  const { program, calls } = engine(2);
  expect(await onImages(program, ["rmi", "a"], [1, 1, 1])).toBe("done\n");
  expect(calls()).toBe(3);
});

test("a command on images that always fails is repeated a few times, then reported", async () => {
  const { program, calls } = engine(9);
  await expect(onImages(program, ["rmi", "a"], [1, 1])).rejects.toThrow('reading image "1": image not known');
  expect(calls()).toBe(3);
});
