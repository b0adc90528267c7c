/** The cost of sharing: bytes that clients of one image pull again if the image is planned together with others. */
import { join } from "node:path";
import { fourImages, services, type FamilyImage } from "../layers/families.ts";
import { imgcWithLock } from "../layers/imgc.ts";
import { replay } from "../layers/replay.ts";
import { together } from "../layers/together.ts";
import { readTrace, snapshots } from "../layers/trace.ts";
import { ratio, type Row, type Section } from "../section.ts";

const BUDGETS = [25, 60, 100];
/** The trace of each of the four images. */
const TRACES = ["node-rolling", "pyweb-ci", "sci-rolling", "jvm-stable"];

export const section: Section = {
  title: "The cost of sharing for a single image",
  about:
    "The numbers are the bytes that clients of one image pull over its trace of updates, if the image is planned together " +
    "with others, divided by the bytes if it is planned alone. Both use a lock. The first rows are the four images, the last " +
    "row is one of the five services.",
  document: "layers.md",
  async run() {
    const family = fourImages();
    const rows = TRACES.map((trace, i) => rowOf(family[i]?.name ?? "", trace, family, i));
    return [...rows, rowOf("one of five services", "pyweb-ci", services(5), 0)];
  },
};

/** `i`: the index of the image in its family. */
function rowOf(image: string, trace: string, family: FamilyImage[], i: number): Row {
  const builds = snapshots(readTrace(join(import.meta.dirname, `../traces/${trace}.json.gz`)));
  const cells = BUDGETS.map((budget) => {
    const { pulled } = replay(builds, together(family, budget)[i] ?? imgcWithLock, budget);
    return [`${budget} layers`, ratio(pulled, replay(builds, imgcWithLock, budget).pulled)];
  });
  return { image, ...Object.fromEntries(cells) };
}
