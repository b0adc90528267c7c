/** Makes and hashes one layer of the given store paths, and prints time and peak memory as JSON. */
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
