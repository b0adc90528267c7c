/** Indexes one package set, and prints time and peak memory as JSON. */
import { Packages } from "../src/packages/index.ts";
import { peakMemory } from "./peak-memory.ts";

const [program = "", expression = ""] = process.argv.slice(2);
const started = performance.now();
const names = await new Packages(program, expression).names([]);
const milliseconds = performance.now() - started;
process.stdout.write(JSON.stringify({ milliseconds, names: names.size, peak: peakMemory() }));
