/**
 * Times of the commands of a pipeline in examples/ci. Each run starts with an empty store. Every run after the first has the
 * cache folder that the previous run left.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CI, commands, PIPELINES } from "../../test/e2e/pipelines.ts";
import { startRegistry, type Registry } from "../registry.ts";
import { ratio, type Row, type Section } from "../section.ts";

const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");
const PIPELINE = ".gitlab-ci.yml";

interface Run {
  milliseconds: number;
  /** Bytes added to the registry. */
  pushed: number;
}

/** Runs the pipeline with an empty store and a fresh checkout. */
function runPipeline(root: string, registry: Registry, change: (spec: string) => string): Run {
  const place = mkdtempSync(join(root, "run-"));
  const [nix, checkout, cache] = [join(place, "nix"), join(place, "checkout"), join(root, "cache")];
  cpSync(CI, checkout, { recursive: true });
  const spec = join(checkout, "app.imgspec");
  writeFileSync(spec, change(readFileSync(spec, "utf8")));
  if (existsSync(cache)) cpSync(cache, join(checkout, ".cache"), { recursive: true });
  const plainHttp = join(place, "registries.conf");
  writeFileSync(plainHttp, `[[registry]]\nlocation = "${registry.address}"\ninsecure = true\n`);
  writeFileSync(join(place, "imgc"), `#!/bin/sh\nexec "${process.execPath}" "${IMGC}" "$@"\n`);
  chmodSync(join(place, "imgc"), 0o755);
  const script = [
    "set -e",
    `mkdir ${nix}; mount --bind ${nix} /nix`,
    "mkdir -p /var/lib/containers/cache; mount -t tmpfs none /var/lib/containers/cache",
    `mount --bind ${plainHttp} /etc/containers/registries.conf`,
    `cd ${checkout}`,
    ...commands(PIPELINE),
  ].join("\n");
  const env = {
    ...process.env,
    ...PIPELINES[PIPELINE](`${registry.address}/ci/app`),
    PATH: `${place}:${process.env["PATH"]}`,
    NIX_CONFIG: `${process.env["NIX_CONFIG"]}\nsubstitute = true\nsubstituters =`,
  };
  const size = () =>
    execFileSync("find", [registry.blobs, "-type", "f", "-printf", "%s\n"], { encoding: "utf8" })
      .split("\n")
      .reduce((sum, line) => sum + Number(line), 0);
  const before = size();
  const started = performance.now();
  execFileSync("unshare", ["--mount", "bash", "-c", script], { env, stdio: "ignore" });
  const milliseconds = performance.now() - started;
  rmSync(cache, { recursive: true, force: true });
  cpSync(join(checkout, ".cache"), cache, { recursive: true });
  return { milliseconds, pushed: size() - before };
}

export const section: Section = {
  title: "In a pipeline",
  about:
    "The commands of the GitLab pipeline in `examples/ci`. Each run of the pipeline starts with an empty Nix store " +
    "and the cache folder that the previous run left. Times are multiples of the first run; bytes are counted by the registry.",
  async run() {
    const root = mkdtempSync(join(tmpdir(), "imgc-bench-"));
    const registry = await startRegistry(join(root, "registry"));
    const same = (spec: string) => spec;
    try {
      const first = runPipeline(root, registry, same);
      const unchanged = runPipeline(root, registry, same);
      const app = runPipeline(root, registry, (spec) => spec.replace("${$release}", "${$release}, changed"));
      const row = (run: string, { milliseconds, pushed }: Run): Row => ({
        run,
        seconds: (milliseconds / 1000).toFixed(1),
        "× first run": ratio(milliseconds, first.milliseconds),
        "bytes pushed": String(pushed),
      });
      return [row("first", first), row("nothing changed", unchanged), row("the app changed", app)];
    } finally {
      registry.process.kill();
      execFileSync("chmod", ["-R", "u+w", root]);
      rmSync(root, { recursive: true, force: true });
    }
  },
};
