/**
 * Runs all tests: lint, everything on Debian 12, then what touches Nix, skopeo and podman in other suites.
 * The last line says how many tests passed, failed and were skipped, summed over all runs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inRoot, rootOf, type Suite } from "./suites/root.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const reports = mkdtempSync(join(tmpdir(), "imgc-reports-"));
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const notes: string[] = [];

/** Runs a command and returns whether it succeeded. */
function run(name: string, [program = "", ...args]: string[], env: Record<string, string> = {}): boolean {
  process.stdout.write(`\n== ${name}\n`);
  const start = Date.now();
  const { status } = spawnSync(program, args, { stdio: "inherit", env: { ...process.env, ...env } });
  notes.push(`${name}: ${Math.round((Date.now() - start) / 1000)} s${status === 0 ? "" : ", failed"}`);
  return status === 0;
}

/** Runs vitest and adds its counts to the total. A run that breaks off is one failure more. */
function runTests(name: string, command: string[]): Counts {
  const report = join(reports, `${notes.length}.json`);
  const succeeded = run(name, command, { TEST_REPORT: report });
  const counts = countsIn(report);
  if (!succeeded) counts.failed = Math.max(counts.failed, 1);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  return counts;
}

function countsIn(report: string): Counts {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(report, "utf8"),
    ) as Record<string, number>;
    return {
      passed: numPassedTests ?? 0,
      failed: numFailedTests ?? 0,
      skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const E2E = ["vitest", "run", "--project", "e2e"];
const inSuite = (suite: Suite) => runTests(suite, inRoot(rootOf(suite), E2E));

if (!run("lint", ["npm", "run", "--silent", "lint"])) total.failed++;
runTests("Debian 12", ["vitest", "run"]);
let counts: Counts | undefined;
try {
  counts = inSuite("trixie");
} catch (error) {
  total.failed++;
  notes.push((error as Error).message);
}
try {
  inSuite("sid");
} catch (error) {
  // sid's packages are in flux at times. Its tests are those of trixie.
  total.skipped += counts === undefined ? 1 : counts.passed + counts.failed + counts.skipped;
  notes.push(`the tests of sid are skipped: ${(error as Error).message}`);
}
rmSync(reports, { recursive: true });

const { passed, failed, skipped } = total;
const line = `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
process.stdout.write(`\n${[...notes, line].join("\n")}\n`);
process.exitCode = failed === 0 ? 0 : 1;
