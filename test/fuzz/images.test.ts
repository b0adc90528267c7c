/** A few of the images that `npm run fuzz images` tries for as long as one likes. */
import { spawnSync } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { takeAll, tryImage } from "./try-images.ts";

const hasSkopeo = spawnSync("skopeo", ["--version"]).status === 0;
const registry = hasSkopeo ? await takeAll() : undefined;
afterAll(() => registry?.server.close());

test.each(Array.from({ length: 16 }, (_, i) => i + 1))("image %i: each command comes to a clear end", async (seed) => {
  const trials = await tryImage(seed, 3, registry?.address);
  expect(trials.filter(({ problems }) => problems.length > 0)).toEqual([]);
});
