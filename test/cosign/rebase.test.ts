/** oras reads an image on a new base. */
import { expect, test } from "vitest";
import { rebasedApp } from "./rebased-app.ts";
import { tool } from "../e2e/tools.ts";

test("oras fetches the index and the images that a rebase made", async () => {
  const { reference, repository, base } = await rebasedApp();
  const fetched = async (of: string) =>
    JSON.parse((await tool("oras", ["manifest", "fetch", "--plain-http", of])).stdout) as {
      manifests: { digest: string; platform: { architecture: string } }[];
      layers: { digest: string }[];
      annotations: Record<string, string>;
    };
  const [app, below] = [await fetched(reference), await fetched(base)];
  expect(app.manifests.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);
  for (const [i, { digest }] of app.manifests.entries()) {
    const onBase = below.manifests[i]?.digest as string;
    const [image, under] = [
      await fetched(`${repository}@${digest}`),
      await fetched(`${base.replace(/:2$/, "")}@${onBase}`),
    ];
    expect(image.layers.slice(0, -1)).toEqual(under.layers);
    expect(image.annotations["org.opencontainers.image.base.digest"]).toBe(onBase);
  }
});
