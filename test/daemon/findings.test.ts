/** Through a daemon that does not trust the user, findings and failed builds are shown as without one. */
import { expect, test } from "vitest";
import { failure, files, imgc } from "../e2e/tools.ts";

test("a builder's finding, and a package that fails to build", async () => {
  const found = await failure(
    imgc(
      "build",
      files({ "a.imgspec": 'image "test/found" { packages [ hello ] expect { size <= 1KiB } }' }),
      "--no-link",
    ),
  );
  expect(found.code).toBe(1);
  expect(found.stderr).toMatch(/a\.imgspec:1:50: error: expect size <= 1024: .* \[build-finding\]$/m);

  const broken = `nix ''derivation {
    name = "broken-2"; system = builtins.currentSystem; builder = "''\${bash}/bin/bash"; args = [ "-c" "echo no; exit 4" ];
  }''`;
  const failed = await failure(
    imgc("build", files({ "a.imgspec": `image "test/broken" { store [ ${broken} ] }` }), "--no-link"),
  );
  expect(failed.code).toBe(3);
  expect(failed.stderr).toMatch(
    /^imgc: broken-2 failed to build: .*\n {2}no\n {2}\(`nix log \S+-broken-2\.drv` shows/m,
  );
});
