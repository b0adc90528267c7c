import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder } from "../../e2e/tools.ts";
import { runHere } from "../run.ts";

test("imgc build refuses an option for Nix that would change the output which imgc reads", async () => {
  const cwd = folder();
  writeFileSync(join(cwd, "a.imgspec"), 'image "a" { }\n');
  const { status, stderr } = await runHere(["build", "a.imgspec", "--", "-L", "--print-out-paths"], { cwd });
  expect(stderr).toMatch(/^imgc: `--print-out-paths` cannot be passed to `nix build`: .* `imgc build FILE --json` /);
  expect(status).toBe(2);
});
