import { join } from "node:path";
import { expect, test } from "vitest";
import { compareImages } from "../../src/app/diff.ts";
import { folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";
import { collector } from "./collector.ts";

const options = {
  insecure: false,
  onRetry: () => {},
  stoppable: async <T>(work: (signal: AbortSignal) => Promise<T>) => await work(new AbortController().signal),
};

test("two image directories are compared, for one platform on request", async () => {
  const root = folder();
  const before = await makeImage(root, "before", { layers: { libc: "c", app: "old" } });
  const after = await makeImage(root, "after", { layers: { libc: "c", app2: "new" } });
  const { context } = collector();
  expect(await compareImages(before, after, options, context)).toMatchObject({
    layers: { same: 1, removed: [{ name: "app" }], added: [{ name: "app2" }] },
    pull: { layers: 1 },
  });
  const arm = { ...options, platform: "linux/arm64" };
  await expect(compareImages(before, after, arm, context)).rejects.toThrow(`${before} has no image for linux/arm64`);
  await expect(compareImages(before, join(root, "nowhere"), options, context)).rejects.toThrow("does not exist");
});
