/**
 * Runs all tests: lint, everything on Debian 12, then the tests of Nix, skopeo and podman in other suites.
 * The last line has the number of passed, failed and skipped tests of all runs.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { rootOf, runIn, type RootName } from "./suites/root.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs a command with additional environment variables, and returns its exit code. */
type Runner = (command: string[], env: Record<string, string>) => number;

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const notes: string[] = [];

const here: Runner = ([program = "", ...args], env) =>
  spawnSync(program, args, { stdio: "inherit", env: { ...process.env, ...env } }).status ?? 3;

/** Runs a command and returns whether it succeeded. */
function run(name: string, runner: Runner, command: string[], env: Record<string, string> = {}): boolean {
  process.stdout.write(`\n== ${name}\n`);
  const start = Date.now();
  const succeeded = runner(command, env) === 0;
  notes.push(`${name}: ${Math.round((Date.now() - start) / 1000)} s${succeeded ? "" : ", failed"}`);
  return succeeded;
}

/**
 * The folder of the reports lies in the repository, which every root folder shares. Ordinary users must be able to
 * write into it.
 */
const reportFolder = join(import.meta.dirname, "../.cache");
mkdirSync(reportFolder, { recursive: true });
const reports = mkdtempSync(join(reportFolder, "reports-"));
chmodSync(reports, 0o777);

/** Runs vitest and adds its counts to the total. An aborted run counts as one failure. */
function runTests(name: string, runner: Runner, command: string[]): Counts {
  const report = join(reports, `${notes.length}.json`);
  const succeeded = run(name, runner, command, { TEST_REPORT: report });
  const counts = readReport(report);
  if (!succeeded) counts.failed = Math.max(counts.failed, 1);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  return counts;
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; assertionResults: { status: string; fullName: string; failureMessages: string[] }[] }[];
}

/** Reads a report, and notes each failed test with the start of its message. */
function readReport(file: string): Counts {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  for (const { name, assertionResults } of report.testResults)
    for (const { status, fullName, failureMessages } of assertionResults)
      if (status === "failed") {
        const message = stripVTControlCharacters(failureMessages[0] ?? "").split("\n    at ")[0] ?? "";
        notes.push(`  ${name.replace(/^.*\/test\//, "test/")} > ${fullName}: ${message.slice(0, 1000)}`);
      }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** More workers than cores: many tests wait for other programs. */
const WORKERS = ["--maxWorkers", "3"];

/** Runs all tests in a root folder: the end-to-end tests, and some as a user whom nix-daemon does not trust. */
function runSuite(suite: RootName): Counts {
  const root = rootOf(suite);
  const inside: Runner = (command, env) => runIn(root, command, env);
  const projects = ["e2e", "cosign", ...(suite === "sid" ? ["crane"] : [])].flatMap((name) => ["--project", name]);
  const e2e = runTests(suite, inside, ["vitest", "run", ...projects, ...WORKERS]);
  const daemon = runTests(`${suite}, through nix-daemon`, inside, ["bash", "scripts/suites/with-daemon.sh"]);
  return {
    passed: e2e.passed + daemon.passed,
    failed: e2e.failed + daemon.failed,
    skipped: e2e.skipped + daemon.skipped,
  };
}

if (!run("lint", here, ["npm", "run", "--silent", "lint"])) total.failed++;
runTests("unit", here, ["vitest", "run", "--project", "unit", ...WORKERS]);
runTests("Debian 12", here, ["vitest", "run", "--project", "programs", "--project", "e2e", ...WORKERS]);
try {
  const root = rootOf("editors");
  runTests("editors", (command, env) => runIn(root, command, env), ["vitest", "run", "--project", "editors"]);
} catch (error) {
  // Packages of sid may be inconsistent for some days.
  total.skipped++;
  notes.push(`the tests of editors are skipped: ${(error as Error).message}`);
}
let counts: Counts | undefined;
try {
  counts = runSuite("trixie");
} catch (error) {
  total.failed++;
  notes.push((error as Error).message);
}
try {
  runSuite("sid");
} catch (error) {
  // Packages of sid may be inconsistent for some days. trixie runs the same tests.
  total.skipped += counts === undefined ? 1 : counts.passed + counts.failed + counts.skipped;
  notes.push(`the tests of sid are skipped: ${(error as Error).message}`);
}
rmSync(reports, { recursive: true });

const { passed, failed, skipped } = total;
const line = `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
process.stdout.write(`\n${[...notes, line].join("\n")}\n`);
process.exitCode = failed === 0 ? 0 : 1;
