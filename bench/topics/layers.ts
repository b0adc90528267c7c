/** Bytes that clients pull again, by planner: replays traces of updates. */
import { join } from "node:path";
import { BUDGETS, measureAll, TRACES, TRACES_FOLDER } from "../layers/measure.ts";
import { rows, type Standing } from "../layers/standings.ts";
import { readYardsticks } from "../layers/yardsticks.ts";
import type { Section } from "../section.ts";

const yardsticks = readYardsticks(join(TRACES_FOLDER, "yardsticks.json"));
/** The yardsticks were measured with these limits of layers. */
const KNOWN_BUDGETS = [10, 25, 60, 100];

export const section: Section = {
  title: "Bytes pulled again",
  about:
    "The numbers are the bytes that a client pulls over a trace of updates, divided by the bytes of the store paths " +
    'that changed. 1 is the result of one layer for each path, without a limit of layers. The rows "all four" are ' +
    "means over the limits 10, 25, 60 and 100. The smallest value of a column is bold; the rows of yardsticks and " +
    "hindsight, explained below, are never bold. The row below each planner of imgc compares it with the best planner of the other tools. We wrote the " +
    "planners of other tools from descriptions. The yardsticks are the two planners, partly quadratic in time, from " +
    "which `auto` was developed. Hindsight assigns each name to one layer for the whole trace; a greedy search that " +
    "knows all updates finds the assignment.",
  document: "layers.md",
  async run() {
    const block = (layers: string, budgets: number[]) => {
      const mean = (of: (budget: number) => number) =>
        budgets.reduce((sum, each) => sum + of(each), 0) / budgets.length;
      const standings = measureAll().map(({ planner, kind, results }): Standing => {
        const ratioOf = (trace: string) => (budget: number) => {
          const result = results.get(trace)?.get(budget);
          return result === undefined ? NaN : result.pulled / result.changed;
        };
        return { planner, kind, ratios: TRACES.map((trace) => mean(ratioOf(trace))) };
      });
      const references = budgets.every((each) => KNOWN_BUDGETS.includes(each))
        ? Object.entries(yardsticks).map(([planner, ratios]): Standing => {
            const ratioOf = (trace: string) => (budget: number) => ratios[trace]?.[budget] ?? NaN;
            return { planner: `yardstick: ${planner}`, kind: "reference", ratios: TRACES.map((t) => mean(ratioOf(t))) };
          })
        : [];
      // The last row is hindsight.
      return rows(layers, TRACES, [...standings.slice(0, -1), ...references, ...standings.slice(-1)]);
    };
    return [...block("all four", KNOWN_BUDGETS), ...BUDGETS.flatMap((budget) => block(String(budget), [budget]))];
  },
};
