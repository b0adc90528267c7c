/** Time and memory of commands by number of store paths. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fabricate } from "../fabricate.ts";
import { ratio, type Row, type Section } from "../section.ts";

const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");
const COUNTS = [100, 1_000, 10_000, 50_000];

/** Preloaded module: at exit, writes the process's memory status to file descriptor 3. */
const STATUS =
  'data:text/javascript,import { readFileSync, writeSync } from "node:fs";' +
  'process.on("exit", () => writeSync(3, readFileSync("/proc/self/status")))';

/** Milliseconds and peak MB of a command. */
function measure(...command: string[]): { time: number; peak: number } {
  const started = performance.now();
  const script = 'exec 3>&1 >/dev/null; exec "$0" "$@"';
  const status = execFileSync("bash", ["-c", script, process.execPath, "--import", STATUS, IMGC, ...command], {
    encoding: "utf8",
  });
  const time = performance.now() - started;
  // Unlike getrusage, /proc does not include the parent's memory before exec.
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return { time, peak: (Number(kilobytes) * 1024) / 1e6 };
}

export const section: Section = {
  title: "Many store paths",
  about:
    "Time per path, as a multiple of the time per path at 10,000 paths. In rows with more paths, 1.00 means that " +
    "the time grows linearly; in rows with fewer paths, most of the time is start-up. Memory is the peak of the " +
    "whole process. Two files per path, 100 layers.",
  async run() {
    const measured: { name: string; count: number; time: number; peak: number }[] = [];
    for (const count of COUNTS) {
      const image = await fabricate(count);
      try {
        const page = join(image, "../plan.html");
        for (const command of [["plan"], ["plan", "--html", page], ["verify"], ["verify", "--deep"], ["sbom"]]) {
          const name = command.slice(0, 2).join(" ");
          measured.push({ name, count, ...measure(...command, image) });
        }
      } finally {
        rmSync(join(image, "../../.."), { recursive: true });
      }
    }
    return measured.map(({ name, count, time, peak }): Row => {
      const reference = measured.find((other) => other.name === name && other.count === 10_000);
      return {
        command: `imgc ${name}`,
        paths: count.toLocaleString("en"),
        "per path, × at 10,000 paths": ratio(time / count, (reference?.time ?? 0) / 10_000),
        "peak memory, MB": peak.toFixed(0),
      };
    });
  },
};
