/** Writes one layer of the store paths given and prints how long it took and what memory it needed, as JSON. */
import { readFileSync } from "node:fs";
import { digestLayer } from "../src/layer/digest.ts";
import type { Compression } from "../src/layer/recipe.ts";

const [algorithm = "none", root = "", ...paths] = process.argv.slice(2);
const compression: Compression = { algorithm: algorithm as Compression["algorithm"], level: null };
const started = performance.now();
const { diffSize } = await digestLayer(
  "all",
  { paths: paths.toSorted(), entries: [], permissions: [] },
  compression,
  root,
);
const milliseconds = performance.now() - started;
// What getrusage says of a child is also what its parent had.
const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
process.stdout.write(JSON.stringify({ milliseconds, diffSize, peak: Number(kilobytes) * 1024 }));
