/**
 * `npm run coverage`: runs the unit tests, and prints the share of lines of each folder of `src` that they run. Lines that
 * only run in processes that tests start, such as commands, do not count.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as z from "zod/mini";

const REPOSITORY = join(import.meta.dirname, "..");
const REPORT = join(REPOSITORY, ".cache/coverage");
/** Folders with a lower share of covered lines are marked. */
const ENOUGH = 0.8;

const Lines = z.object({ lines: z.object({ total: z.number(), covered: z.number() }) });
/** Keys are the absolute paths of files, and `total` for all files. */
const Summary = z.record(z.string(), Lines);

const args = [
  "run",
  "--project=unit",
  "--coverage",
  "--coverage.provider=v8",
  "--coverage.include=src/**/*.ts",
  "--coverage.reporter=json-summary",
  `--coverage.reportsDirectory=${REPORT}`,
  // Report even if a test fails.
  "--coverage.reportOnFailure",
];
const { status } = spawnSync("vitest", [...args, ...process.argv.slice(2)], { cwd: REPOSITORY, stdio: "inherit" });

const folders = new Map<string, { total: number; covered: number }>();
for (const [path, { lines }] of Object.entries(
  Summary.parse(JSON.parse(readFileSync(join(REPORT, "coverage-summary.json"), "utf8"))),
)) {
  const folder = path === "total" ? "all" : relative(join(REPOSITORY, "src"), path).split("/").slice(0, -1).join("/");
  const sum = folders.get(folder) ?? { total: 0, covered: 0 };
  folders.set(folder, { total: sum.total + lines.total, covered: sum.covered + lines.covered });
}
for (const [folder, { total, covered }] of [...folders].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const share = total === 0 ? 1 : covered / total;
  const percent = `${(100 * share).toFixed(1)} %`.padStart(8);
  console.log(`${folder.padEnd(28)}${percent} of ${String(total).padStart(5)} lines${share < ENOUGH ? "  low" : ""}`);
}
process.exitCode = status ?? 3;
