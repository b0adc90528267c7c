import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BuildFailure, BuildLog } from "../../src/nix/build-log.ts";
import type { BuildFacts } from "../../src/nix/build-facts.ts";
import { parseLog } from "../../src/nix/log.ts";
import { ownAction, readDerivation } from "../../src/store/derivation.ts";
import { derivationName } from "../../src/store/store-path.ts";

const HASH = "0".repeat(32);
const NODE = `/nix/store/${HASH}-nodejs-24/bin/node`;
const OWN = { builder: NODE, args: [`/nix/store/${HASH}-imgc-content.cjs`, "content"] };
const OTHER = { builder: `/nix/store/${HASH}-bash/bin/bash`, args: ["-c", "exit 1"] };

const drv = (name: string) => `/nix/store/${HASH}-${name}.drv`;
const out = (name: string) => `/nix/store/${HASH}-${name}`;
const missing = (name: string, program = OTHER): [string, BuildFacts] => [
  drv(name),
  { ...program, outputs: [out(name)], isMissing: true },
];

/** The failure in a recorded log of `nix build`. The logs lack the lines that count finished work. */
function failureOf(name: string, content = OWN): BuildFailure {
  const log = new BuildLog();
  const text = readFileSync(new URL(`logs/${name}.log`, import.meta.url), "utf8");
  for (const line of text.split("\n")) {
    const event = parseLog(line);
    if (event !== undefined) log.add(event);
  }
  const facts = [...log.built.values()].map(({ derivation }): [string, BuildFacts] => {
    const program = derivationName(derivation) === "shop-content.json" ? content : OTHER;
    const outputs =
      text.match(new RegExp(`/nix/store/[a-z0-9]{32}-${derivationName(derivation)}\\b(?!\\.drv)`, "g")) ?? [];
    return [derivation, { ...program, outputs: [...outputs], isMissing: derivationName(derivation) !== "fine" }];
  });
  const failure = log.failure(new Map(facts));
  if (failure === undefined) throw new Error(`${name} has no error`);
  return new BuildFailure(failure);
}

const VERSIONS = ["2.8", "2.26", "2.34"];

test.each(VERSIONS.flatMap((version) => [`${version}-build`, `${version}-daemon`]))("failed builds: %s", (name) => {
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

test.each(VERSIONS)("findings thrown by Nix functions, after a trace: %s", (version) => {
  const { findings, reports } = failureOf(`${version}-throw`);
  expect(findings).toEqual([{ image: "shop/api", at: ["packages", 2], message: "first\nsecond line" }]);
  expect(reports).toEqual([]);
});

test.each(VERSIONS)("lines like findings from a derivation that does not run imgc: %s", (version) => {
  const { findings, builds } = failureOf(`${version}-build`, OTHER);
  expect(findings).toEqual([]);
  expect(builds.map(({ name }) => name)).toEqual(["broken-1", "shop-content.json"]);
  expect(builds[1]?.lines).toContain("imgc[shop/api packages 2]: jq-1 and yq-1 both have /bin/q");
});

function reported(names: string[], message: string, ...facts: [string, BuildFacts][]): string[] {
  const log = new BuildLog();
  names.forEach((name, id) => log.add({ kind: "build", id, derivation: drv(name), machine: "" }));
  log.add({ kind: "message", level: 0, text: `error: ${message}`, raw: message, place: undefined });
  return new BuildFailure({ findings: [], builds: [], ...log.failure(new Map(facts)), store: ["--store", "/x"] })
    .reports;
}

test("a hash mismatch shows both hashes and the command for the log", () => {
  const message = `hash mismatch in fixed-output derivation '${drv("a")}':\n  specified: sha256-A\n     got:    sha256-B`;
  expect(reported(["a"], message, missing("a"))).toEqual([
    `a failed to build: hash mismatch in fixed-output derivation '${drv("a")}': specified: sha256-A got:    sha256-B\n` +
      `  (\`nix log --store /x ${drv("a")}\` shows the whole log)`,
  ]);
});

test("a failed build is known by its missing outputs, whatever derivation the error names", () => {
  const refers = `output '${out("a")}' is not allowed to refer to the following paths:\n  ${out("b")}`;
  const valid = (name: string): [string, BuildFacts] => [
    drv(name),
    { ...OTHER, outputs: [out(name)], isMissing: false },
  ];
  expect(reported(["b", "a"], refers, missing("a"), valid("b"))).toEqual([
    expect.stringContaining(
      `a failed to build: output '${out("a")}' is not allowed to refer to the following paths: ${out("b")}\n`,
    ),
  ]);
  // A failing builder may name any other derivation.
  const log = `builder for '${drv("a")}' failed with exit code 1;\n  last 1 log lines:\n  > ${drv("b")}\n  For full logs, run`;
  expect(reported(["b", "a"], log, missing("a"), valid("b"))).toEqual([
    expect.stringMatching(/^a failed to build: builder for '\S+' failed with exit code 1\n {2}\(`nix log /),
  ]);
  expect(reported(["a"], "out of luck", missing("a"))).toEqual([
    expect.stringMatching(/^a failed to build: out of luck\n/),
  ]);
  // Nix stops the others when one fails.
  expect(reported(["a", "b"], `builder for '${drv("b")}' failed`, missing("a"), missing("b"))).toEqual([
    expect.stringMatching(/^b failed to build: /),
  ]);
  expect(reported(["a"], `builder for '${drv("a")}' failed`)).toEqual([expect.stringMatching(/^a failed to build: /)]);
});

test("reads a derivation's outputs and program", () => {
  const folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
  const path = join(folder, "a.drv");
  const outputs = `[("lib","","r:sha256",""),("out","${out("a")}","","")]`;
  const args = `["${OWN.args[0]}","content","a \\"quoted\\" (word)\ttab"]`;
  writeFileSync(
    path,
    `Derive(${outputs},[("${drv("b")}",["out"])],[],"x86_64-linux","${NODE}",${args},[("name","a")])`,
  );
  const derivation = readDerivation(path);
  expect(derivation).toMatchObject({
    outputs: [out("a")],
    builder: NODE,
    args: [...OWN.args, 'a "quoted" (word)\ttab'],
  });
  expect(derivation && ownAction(derivation)).toBe("content");
  expect(ownAction({ builder: OTHER.builder, args: OWN.args })).toBeUndefined();
  expect(ownAction({ builder: NODE, args: ["-e", ...OWN.args] })).toBeUndefined();
  writeFileSync(path, "DrvWithVersion(");
  expect(readDerivation(path)).toBeUndefined();
  rmSync(folder, { recursive: true });
});
