/** Evaluations, time and memory of indexing package sets, with and without failing names. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ratio, type Row, type Section } from "../section.ts";

const PROGRAM = join(import.meta.dirname, "../../nix/package-names.nix");
const INDEXER = join(import.meta.dirname, "../package-indexer.ts");

/** Sizes of sets, and the numbers of names that abort the evaluation. */
const SETS = [
  { names: 1_000, failing: 0 },
  { names: 1_000, failing: 100 },
  { names: 10_000, failing: 0 },
  { names: 100_000, failing: 0 },
  { names: 100_000, failing: 30 },
];

/** Packages shaped like those of nixpkgs: each a set with functions and `meta`. */
const SET = `{ names, failing }:
let
  make = i: args: let
    self = args // {
      name = "\${args.pname}-\${args.version}";
      type = "derivation";
      override = change: make i (change args);
      overrideAttrs = change: make i (args // change args);
      passthru.tests = self;
      drvAttrs = builtins.removeAttrs args [ "pname" ];
      meta = {
        description = "Package number \${toString i}";
        license = { free = true; spdxId = "MIT"; };
        platforms = map (name: "\${name}-linux") [ "x86_64" "aarch64" "riscv64" ];
      };
    };
  in self;
  fails = i: failing != 0 && builtins.bitAnd i 1 == 1 && i < 2 * failing;
  package = i: {
    name = "package-\${toString i}";
    value = if fails i then abort "no" else make i { pname = "package"; version = "1.\${toString i}"; src = "x"; };
  };
in
builtins.listToAttrs (builtins.genList package names)
`;

export const section: Section = {
  title: "The index of a package set",
  about:
    "`check --packages` and editors index a package set once, and again when it changes. The package sets of this " +
    "benchmark are made up; each package has ten attributes, among them `meta` and two functions. A failing package is one whose " +
    "evaluation ends with an error that Nix cannot catch; each costs up to one more evaluation. Times are multiples " +
    "of one evaluation of the same number of names without failing packages. Memory is the peak of `imgc`, and of " +
    "the largest evaluation.",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "imgc-bench-"));
    try {
      const set = join(folder, "set.nix");
      writeFileSync(set, SET);
      return SETS.map((each) => measure(folder, set, each));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function measure(folder: string, set: string, { names, failing }: { names: number; failing: number }): Row {
  const expression = (failures: number) => `import ${set} { names = ${names}; failing = ${failures}; }`;
  const started = performance.now();
  execFileSync("nix-instantiate", ["--eval", PROGRAM, "--arg", "set", expression(0)], { stdio: "ignore" });
  const once = performance.now() - started;
  const log = join(folder, "log");
  writeFileSync(log, "");
  writeWrapper(folder, log);
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env["PATH"]}`,
    XDG_CACHE_HOME: mkdtempSync(join(folder, "cache-")),
  };
  const indexed = JSON.parse(
    execFileSync(process.execPath, [INDEXER, PROGRAM, expression(failing)], { env, encoding: "utf8" }),
  ) as { milliseconds: number; names: number; peak: number };
  const peaks = readFileSync(log, "utf8").trim().split("\n").map(Number);
  if (indexed.names !== names) throw new Error(`indexed ${indexed.names} names instead of ${names}`);
  return {
    names: names.toLocaleString("en"),
    failing: String(failing),
    evaluations: String(peaks.length),
    "× one evaluation": ratio(indexed.milliseconds, once),
    "imgc, MB": (indexed.peak / 1e6).toFixed(0),
    "evaluation, MB": ((Math.max(...peaks) * 1024) / 1e6).toFixed(0),
  };
}

/** Writes a wrapper of nix-instantiate into a folder; it logs the peak memory of the real program in KiB. */
function writeWrapper(folder: string, log: string): void {
  const script = join(folder, "nix-instantiate");
  const real = execFileSync("bash", ["-c", "command -v nix-instantiate"], { encoding: "utf8" }).trim();
  const text = `#!/usr/bin/env bash
${real} "$@" &
pid=$!
peak=0
while read -r _ kilobytes _ < <(grep VmHWM /proc/$pid/status 2>/dev/null); do peak=$kilobytes; sleep 0.05; done
wait $pid
status=$?
echo $peak >> ${log}
exit $status
`;
  writeFileSync(script, text);
  chmodSync(script, 0o755);
}
