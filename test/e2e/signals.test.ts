/** Commands that wait for Nix or podman end soon after a signal, and so do the tools that they started. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { makeImage } from "../serve/image.ts";
import { cleanUp, CONTAINERS, files, folder, IMGC, living, tool } from "./tools.ts";
import { onImages } from "../../src/publish/engine-images.ts";

/** Milliseconds: the promise is a second, and a busy machine may add some. */
const SOON = 3000;

interface Started {
  temporary: string;
  pid: number;
  stderr: () => string;
}

/** Starts a command, waits until it is `ready`, and sends it a signal. */
async function expectEnd(args: string[], signal: "SIGINT" | "SIGTERM", ready: (started: Started) => boolean) {
  const temporary = folder();
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, [IMGC, ...args], { stdio: ["ignore", "ignore", "pipe"], env });
  const closed = once(child, "close") as Promise<[number | null]>;
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const started = { temporary, pid: child.pid ?? 0, stderr: () => stderr };
  for (let i = 0; i < 600 && child.exitCode === null && !ready(started); i++) await sleep(50);
  expect([child.exitCode, stderr]).toEqual([null, expect.anything()]);
  const sent = performance.now();
  child.kill(signal);
  expect([args[0], (await closed)[0]]).toEqual([args[0], signal === "SIGINT" ? 130 : 143]);
  expect(performance.now() - sent).toBeLessThan(SOON);
  await expect.poll(() => living(temporary), { timeout: 15_000 }).toEqual([]);
}

test.each([
  ["build", [], "SIGINT"],
  ["build", [], "SIGTERM"],
  ["push", ["127.0.0.1:1/a"], "SIGINT"],
  ["load", ["--into", "podman"], "SIGTERM"],
  ["run", ["--into", "podman"], "SIGINT"],
] as const)("%s ends while Nix builds", async (name, more, signal) => {
  const mark = join(folder(), "started");
  // The builder says by a file that it runs, and ends by a signal only.
  const script = `: > ${mark}; while :; do read -t 0.2 line <> <(:); done`;
  const builder = `derivation { name = "endless"; system = builtins.currentSystem; builder = pkgs.bash + "/bin/bash"; __noChroot = true; args = [ "-c" (builtins.readFile ./endless.sh) ]; }`;
  const spec = files({
    "a.imgspec": `image "a" {\n  tag "v1"\n  packages [ nix ''${builder}'' ]\n}\n`,
    "endless.sh": script,
  });
  const isBuilding = () => {
    try {
      return readFileSync(mark, "utf8") === "";
    } catch {
      return false;
    }
  };
  await expectEnd([name, spec, ...more, ...(name === "build" ? ["--no-link"] : [])], signal, isBuilding);
});

test("load ends while podman pulls", async () => {
  const at = folder();
  const image = await makeImage(at, "image", { layers: { app: "data" }, algorithm: "none" });
  const size = 20 * 2 ** 30;
  const path = join(at, `nix/store/${"app".padEnd(32, "0")}-app`);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "data"), "");
  truncateSync(join(path, "data"), size);
  const recipe = join(image, "layers/000.json");
  writeFileSync(recipe, readFileSync(recipe, "utf8").replace(/"diffSize":\d+/, `"diffSize":${size + 10_240}`));
  const reads = ({ pid }: Started) => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]) > 100e6;
  await expectEnd(["load", image, "--into", "podman"], "SIGINT", reads);
});

test.each(["SIGINT", "SIGTERM"] as const)("run ends a container that ignores %s", async (signal) => {
  cleanUp(() => onImages("podman", ["rmi", "--force", "imgc-test/ignores"]));
  const spec = files({
    "a.imgspec": `image "imgc-test/ignores" {
      packages [ bash coreutils ]
      config { entrypoint [ "/bin/bash" "-c" "trap '' INT TERM; echo ready; while :; do sleep 0.2; done" ] }
    }`,
  });
  const child = spawn(process.execPath, [IMGC, "run", spec, "--into", "podman"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...CONTAINERS },
  });
  const closed = once(child, "close");
  await once(child.stdout, "data");
  const sent = performance.now();
  child.kill(signal);
  await closed;
  expect(performance.now() - sent).toBeLessThan(SOON);
  expect((await tool("podman", ["ps", "--quiet", "--filter", "ancestor=imgc-test/ignores"])).stdout).toBe("");
});
