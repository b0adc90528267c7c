/** Nix 2.8 cannot build these derivations, so the test runs with the newer versions only. */
import { expect, test } from "vitest";
import { DISTRIBUTION, ociLayout } from "../e2e/base-images.ts";
import { build, files, folder, imgc, registry, tool } from "../e2e/tools.ts";

test("a base may contain store paths of the program that fetches it", async () => {
  const { stdout: nodejs } = await tool("nix", [
    "eval",
    "--raw",
    "--impure",
    "--expr",
    "(import <nixpkgs> { }).nodejs",
  ]);
  const config = { ...DISTRIBUTION.config, Env: [`NODE=${nodejs}/bin/node`] };
  const reference = `${await registry()}/node:1`;
  const copy = ["copy", "-q", "--insecure-policy", "--dest-tls-verify=false"];
  await tool("skopeo", [...copy, `oci:${ociLayout(folder(), { ...DISTRIBUTION, config })}`, `docker://${reference}`]);
  const spec = files({ "api.imgspec": `image "api" { base registry "${reference}" }\n` });
  await imgc("lock", spec);
  const { path } = await build(spec);
  expect((await imgc("verify", path)).stdout).toContain("layers");
});
