/** Runs as a user whom nix-daemon does not trust (scripts/suites/with-daemon.sh). */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { files, folder, imgc, tool } from "../e2e/tools.ts";

test("the daemon does not trust this user", async () => {
  const { trusted } = JSON.parse((await tool("nix", ["store", "info", "--json"])).stdout) as { trusted: unknown };
  expect([false, 0]).toContain(trusted);
});

test("a binary cache is filled after the build, with a warning about the daemon", async () => {
  const image = `image "test/daemon" { packages [ hello ] files { "/app" text "${Date.now()}" } CACHE }`;
  const cached = files({ "app.imgspec": image.replace("CACHE", 'cache { binary-cache "./cache" }') });
  const link = join(folder(), "result");
  const { stderr } = await imgc("build", cached, "-o", link);
  expect(stderr).toMatch(/^the Nix daemon does not trust this user, .*trusted-users/m);
  expect((await imgc("verify", link)).stdout).toContain("sha256:");
  const names = readdirSync(join(dirname(cached), "cache"));
  expect(names.filter((name) => name.endsWith(".narinfo")).length).toBeGreaterThan(2);

  const plain = files({ "app.imgspec": image.replace("CACHE", "") });
  expect((await imgc("build", plain, "--no-link")).stderr).not.toContain("trust");
});
