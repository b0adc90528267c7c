/** Indexes one package set and prints how long it took and what memory it needed, as JSON. */
import { readFileSync } from "node:fs";
import { Packages } from "../src/packages/index.ts";

const [program = "", expression = ""] = process.argv.slice(2);
const started = performance.now();
const names = await new Packages(program, expression).names([]);
const milliseconds = performance.now() - started;
// What getrusage says of a child is also what its parent had.
const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
process.stdout.write(JSON.stringify({ milliseconds, names: names.size, peak: Number(kilobytes) * 1024 }));
