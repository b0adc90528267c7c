/** Time of planning by size of the closure. */
import { plan } from "../../src/plan/plan.ts";
import { closureOf } from "../made-up-closure.ts";
import { fastest, ratio, type Row, type Section } from "../section.ts";

const SIZES = [100, 1_000, 10_000, 50_000];
const BUDGET = 100;

export const section: Section = {
  title: "Planning",
  about:
    `\`auto\` with ${BUDGET} layers, on closures with at most 5 references per path and a few paths that are much larger ` +
    "than the rest. The last column is the time per path, divided by the time per path at 1,000 paths: 1.00 is as fast, less is faster.",
  async run() {
    const times: number[] = [];
    for (const size of SIZES) {
      const closure = closureOf(size);
      times.push(await fastest(2, () => plan({ closure, steps: [{ kind: "auto" }], budget: BUDGET })));
    }
    const perPath = (i: number) => (times[i] as number) / (SIZES[i] as number);
    return SIZES.map((size, i): Row => ({
      paths: size.toLocaleString("en"),
      milliseconds: (times[i] as number).toFixed(0),
      "per path, × at 1,000 paths": ratio(perPath(i), perPath(1)),
    }));
  },
};
