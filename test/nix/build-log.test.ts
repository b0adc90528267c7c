import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BuildFailure, BuildLog } from "../../src/nix/build.ts";
import { parseLog } from "../../src/nix/log.ts";

/** What `nix build` printed, by version: recorded without the lines that count what is done. */
function failureOf(name: string): BuildFailure {
  const log = new BuildLog();
  for (const line of readFileSync(new URL(`logs/${name}.log`, import.meta.url), "utf8").split("\n")) {
    const event = parseLog(line);
    if (event !== undefined) log.add(event);
  }
  const failure = log.failure();
  if (failure === undefined) throw new Error(`${name} has no error`);
  return new BuildFailure(failure);
}

const VERSIONS = ["2.8", "2.26", "2.34"];

test.each(VERSIONS.flatMap((version) => [`${version}-build`, `${version}-daemon`]))("builds that fail: %s", (name) => {
  const failure = failureOf(name);
  expect(failure.findings).toEqual([
    { image: "shop/api", at: ["packages", 2], message: "jq-1 and yq-1 both have /bin/q" },
    { image: "shop/api", at: ["permissions", "/etc/*"], message: "no file\n  fits" },
  ]);
  expect(failure.error).toBeUndefined();
  expect(failure.builds).toHaveLength(1);
  const [report = ""] = failure.reports;
  expect(report).toMatch(/^broken-1 failed to build: .*\/nix\/store\/[a-z0-9]{32}-broken-1\.drv.* exit code 4\.?\n/);
  const lines = Array.from({ length: 20 }, (_, i) => `  line ${i + 11}`);
  expect(report.split("\n").slice(1, -1)).toEqual(lines);
  expect(report).toMatch(/\n {2}\(`nix log \/nix\/store\/[a-z0-9]{32}-broken-1\.drv` shows the whole log\)$/);
});

test.each(VERSIONS)("what our functions throw, behind a trace: %s", (version) => {
  const { findings, reports } = failureOf(`${version}-throw`);
  expect(findings).toEqual([{ image: "shop/api", at: ["packages", 2], message: "first\nsecond line" }]);
  expect(reports).toEqual([]);
});

test("both hashes of what was fetched are shown", () => {
  const log = new BuildLog();
  const derivation = "/nix/store/00000000000000000000000000000000-a.tar.drv";
  const message = `hash mismatch in fixed-output derivation '${derivation}':\n  specified: sha256-A\n     got:    sha256-B`;
  log.add({ kind: "build", id: 1, derivation, machine: "" });
  log.add({ kind: "message", level: 0, text: message, raw: message, place: undefined });
  expect(log.failure()?.builds.map(({ reason }) => reason)).toEqual([
    `hash mismatch in fixed-output derivation '${derivation}': specified: sha256-A got:    sha256-B`,
  ]);
});
