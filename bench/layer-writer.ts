/** Writes one layer of the store paths given and prints how long it took and what memory it needed, as JSON. */
import { digestLayer } from "../src/layer/digest.ts";
import type { Compression } from "../src/layer/recipe.ts";
import { peakMemory } from "./peak-memory.ts";

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
process.stdout.write(JSON.stringify({ milliseconds, diffSize, peak: peakMemory() }));
