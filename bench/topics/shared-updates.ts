/** The cost of sharing: bytes that clients of one image pull again if the image is planned together with others. */
import { join } from "node:path";
import { fourImages } from "../layers/families.ts";
import { imgcWithLock } from "../layers/imgc.ts";
import { replay } from "../layers/replay.ts";
import { together } from "../layers/together.ts";
import { readTrace, snapshots } from "../layers/trace.ts";
import { ratio, type Section } from "../section.ts";

const BUDGETS = [25, 60, 100];
/** The trace of each of the four images. */
const TRACES = ["node-rolling", "pyweb-ci", "sci-rolling", "jvm-stable"];

export const section: Section = {
  title: "The cost of sharing for a single image",
  about:
    "The numbers are the bytes that clients of one of the four images pull over its trace of updates, if the image is " +
    "planned together with the others, divided by the bytes if it is planned alone. Both use a lock.",
  document: "layers.md",
  async run() {
    const family = fourImages();
    const planners = BUDGETS.map((budget) => together(family, budget));
    return TRACES.map((trace, i) => {
      const builds = snapshots(readTrace(join(import.meta.dirname, `../traces/${trace}.json.gz`)));
      const cells = BUDGETS.map((budget, at) => {
        const pulled = replay(builds, planners[at]?.[i] ?? imgcWithLock, budget).pulled;
        return [`${budget} layers`, ratio(pulled, replay(builds, imgcWithLock, budget).pulled)];
      });
      return { image: family[i]?.name ?? "", ...Object.fromEntries(cells) };
    });
  },
};
