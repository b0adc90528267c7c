/** A few of the images of `npm run fuzz images`. */
import { spawnSync } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { acceptAll, tryImage } from "./try-images.ts";

const hasSkopeo = spawnSync("skopeo", ["--version"]).status === 0;
const registry = hasSkopeo ? await acceptAll() : undefined;
afterAll(() => registry?.server.close());

test.each(Array.from({ length: 6 }, (_, i) => i + 1))(
  "image %i: each command ends with exit code 0, or with 1 or 2 and a message",
  async (seed) => {
    const trials = await tryImage(seed, 3, registry?.address);
    expect(trials.filter(({ problems }) => problems.length > 0)).toEqual([]);
  },
);
