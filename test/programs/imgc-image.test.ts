import { join } from "node:path";
import { expect, test } from "vitest";
import { build, EXAMPLES, files, loadLayout, podman, verified } from "../e2e/tools.ts";

test("the image of imgc checks a description and compiles it", async () => {
  const spec = join(EXAMPLES, "imgc.imgspec");
  expect((await verified((await build(spec)).path)).layers).toBeGreaterThan(1);
  const image = await loadLayout((await build(spec, { attribute: "oci" })).path);
  const file = files({ "a.imgspec": 'image "a" { packages [ hello ] }\n' });
  const mounted = ["--volume", `${join(file, "..")}:/work:ro`];
  expect((await podman(image, ["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await podman(image, ["check", "a.imgspec"], mounted)).stdout).toBe("");
  expect((await podman(image, ["compile", "a.imgspec"], mounted)).stdout).toContain("packages = [ pkgs.hello ];");
});
