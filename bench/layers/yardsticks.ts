/** Ratios that were measured once with planners outside this repository (bench/traces/README.md). */
import { readFileSync } from "node:fs";
import * as z from "zod/mini";

/** By planner, trace and budget. */
const Yardsticks = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number())));

export function readYardsticks(file: string): z.infer<typeof Yardsticks> {
  return Yardsticks.parse(JSON.parse(readFileSync(file, "utf8")));
}
