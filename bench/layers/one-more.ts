/** Images that get one more package: the closures before and after. */
import { join } from "node:path";
import { reach, scramble } from "./families.ts";
import { lastNodes, pathsOf, readTrace, type Snapshot } from "./trace.ts";

const TRACES = ["node-rolling", "sci-rolling", "jvm-stable"];
const IMAGES = 8;
/** The number of packages that each image names. */
const PACKAGES = 40;

/**
 * For each image, its closures before and after one more package that brings 3 to 12 paths. Images without such a package are
 * left out.
 */
export function oneMorePackage(): Snapshot[][] {
  return TRACES.flatMap((trace) => {
    const nodes = lastNodes(readTrace(join(import.meta.dirname, `../traces/${trace}.json.gz`)));
    return Array.from({ length: IMAGES }, (_, i) => {
      const ranked = [...nodes.keys()].toSorted((a, b) => scramble(`${i}:${a}`) - scramble(`${i}:${b}`));
      const packages = ranked.slice(0, PACKAGES);
      const before = reach(packages, nodes);
      const more = ranked.slice(PACKAGES).find((name) => {
        const added = [...reach([name], nodes).keys()].filter((each) => !before.has(each)).length;
        return added >= 3 && added <= 12;
      });
      if (more === undefined) return [];
      const builds = [before, reach([...packages, more], nodes)];
      return [builds.map((held) => ({ label: trace, closure: pathsOf(held) }))];
    }).flat();
  });
}
