/** `npm run demo`: from a spec to a verified, running image; shows the output, time and size of each step. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SPEC = "examples/hello.imgspec";
const folder = mkdtempSync(join(tmpdir(), "imgc-demo-"));
const result = join(folder, "result");

function shell(command: string): string {
  return execFileSync("bash", ["-o", "pipefail", "-c", command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${join(import.meta.dirname, "../bin")}:${process.env["PATH"]}` },
  });
}

function step(command: string, describe: (output: string) => string, shown = command): void {
  console.log(`\n$ ${shown.replaceAll(folder, "/tmp/demo")}`);
  const started = performance.now();
  const output = shell(command.replace(/^imgc /, "imgc.mjs ").replaceAll("| imgc ", "| imgc.mjs "));
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  console.log(`${describe(output).trimEnd().replaceAll(folder, "/tmp/demo")}\n  (${seconds} s)`);
}

const bytes = (count: number): string =>
  count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
const sizeOf = (path: string): number =>
  readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(path, name)))
    .filter((stat) => stat.isFile())
    .reduce((sum, stat) => sum + stat.size, 0);

try {
  console.log(`The image description ${SPEC}:\n\n${readFileSync(SPEC, "utf8").trimEnd()}`);
  step(`imgc compile ${SPEC}`, (output) => {
    writeFileSync(join(folder, "hello.nix"), output);
    return `${output.trimEnd()}\n  ${bytes(output.length)} of Nix`;
  });
  step(
    `imgc compile ${SPEC} | nix build -f - -o ${result}`,
    () => `  an image directory of ${bytes(sizeOf(result))}: ${readdirSync(result).join(", ")}`,
  );
  step(`imgc compile ${SPEC} | nix build -f - -o ${result}`, () => "  again: nothing to build");
  step(`imgc verify ${result}`, (output) => output);
  step(
    `imgc compile ${SPEC} | nix build -f - oci -o ${folder}/layout`,
    () => `  the same image as an OCI layout of ${bytes(sizeOf(`${folder}/layout`))}`,
  );
  const tag = `localhost/imgc-demo:${process.pid}`;
  step(
    `skopeo --insecure-policy copy --quiet oci:${folder}/layout containers-storage:${tag}`,
    () => "  podman has the image",
  );
  const limits = "--ulimit nofile=1024:1024 --ulimit nproc=1024:1024";
  step(`podman --runtime runc run --rm --network none ${limits} ${tag}`, (output) => `  it prints: ${output}`);
  shell(`podman rmi --force ${tag}`);
} finally {
  rmSync(folder, { recursive: true });
}
