/** The screens of commands on a terminal of 80 columns: a pseudo-terminal of script(1). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { files, folder, IMGC, registry, tool } from "./tools.ts";

const ENVIRONMENT = { TERM: "xterm", NO_COLOR: "", FORCE_COLOR: "1" };

/** Everything that a command writes to a terminal. */
async function written(...args: string[]): Promise<string> {
  return await writtenWith({}, ...args);
}

async function writtenWith(environment: Record<string, string>, ...args: string[]): Promise<string> {
  const command = [process.execPath, IMGC, ...args].map((word) => `'${word}'`).join(" ");
  return (await tool("script", ["-qec", command, "/dev/null"], { ...ENVIRONMENT, ...environment })).stdout;
}

/** The lines, of which only those with a digest or a path of this machine may be wider than the terminal. */
async function screen(...args: string[]): Promise<string[]> {
  const lines = stripVTControlCharacters(await written(...args)).split(/\r?\n/);
  expect(lines.filter((line) => line.length > 80 && !/sha256:[0-9a-f]{64}|\/imgc-test-/.test(line))).toEqual([]);
  return lines;
}

/** `store`: further packages. */
const spec = (text: string, store = "") =>
  files({
    "a.imgspec": `image "test/terminal" {
      packages [ hello jq ]
      store [ ${store} ]
      files { "/srv/${"long/".repeat(20)}file" text "${text}" "/etc/motd" text "hello" { mode 0600 } }
      config { env { LONG "${text.repeat(20)}" } cmd [ "/bin/hello" ] }
      layers { layer "a layer with quite a long name" [ jq ] each }
    }`,
  });

const [link, other] = [join(folder(), "result"), join(folder(), "other")];
let status: string;

beforeAll(async () => {
  // The build takes long enough for a status that moves.
  const slow = `nix ''derivation {
    name = "slow-${Date.now()}"; system = builtins.currentSystem; builder = bash + "/bin/bash"; PATH = coreutils + "/bin";
    args = [ "-c" "sleep 2; echo > $out; exit" ];
  }''`;
  status = await written("build", spec(`${Date.now()}`, slow), "-o", link);
  await written("build", spec("another text"), "-o", other);
});

test("a build shows a status of layers and hashed bytes, and erases it", () => {
  expect(status).toMatch(/\d of \d layers.* \d\.\d s/);
  expect(status).toContain("A\u001b[2m");
  // The screen ends with the summary alone.
  const [end = ""] = status.split("\u001b[J").slice(-1);
  expect(stripVTControlCharacters(end)).toMatch(/^test\/terminal:\w+\r\ndigest {3}sha256:\w+\r\nsize /m);
  expect(end).not.toContain(" of the image  ");
});

test("an import of Nix code shows a status while Nix evaluates, and nothing in a pipe", async () => {
  const file = files({ "image.nix": '{ pkgs }: pkgs.dockerTools.buildImage { name = "a"; }' });
  const bin = folder();
  const real = (await tool("sh", ["-c", "command -v nix-instantiate"])).stdout.trim();
  writeFileSync(join(bin, "nix-instantiate"), `#!/bin/sh\nsleep 0.8\nexec ${real} "$@"\n`, { mode: 0o755 });
  const PATH = `${bin}:${process.env["PATH"]}`;
  expect(await writtenWith({ PATH }, "import", file)).toMatch(/evaluating .*image\.nix.* \d\.\d s/);
  expect((await tool(process.execPath, [IMGC, "import", file], { PATH })).stderr).not.toContain("evaluating");
});

test("plan, verify, diff, push and export fit into 80 columns", async () => {
  expect(await screen("build", spec("another text"), "--no-link")).toContainEqual(
    expect.stringMatching(/^layers .*kept/),
  );
  expect(await screen("plan", other)).toContainEqual(expect.stringMatching(/ layer "a layer with q… /));
  expect(await screen("plan", other, "--why", "hello")).toContainEqual(
    expect.stringMatching(/^ {2}layer \d of \d, added by step `each`$/),
  );
  expect(await screen("verify", other)).toContainEqual(
    expect.stringMatching(/^image {4}image directory, 3 layers, \d store paths, /),
  );
  const lines = await screen("diff", link, other);
  expect(lines.slice(2, 3)).toEqual(["config"]);
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}~ env LONG/));
  const to = await registry();
  expect(await screen("push", link, `${to}/a:v1`, "--insecure")).toContainEqual(
    expect.stringMatching(/^\d layers sent, [\d.]+ MB, 0 already there, [\d.]+ s$/),
  );
  expect(await screen("push", link, `${to}/a:v1`, "--insecure", "--dry-run")).toContainEqual(
    expect.stringMatching(/: 0 layers, [\d.]+ k?B would be sent$/),
  );
  const archive = join(folder(), "a.tar");
  expect(await screen("export", link, "--to", "oci-archive", "-o", archive)).toContainEqual(
    expect.stringMatching(/^\d layers, [\d.]+ MB, [\d.]+ s$/),
  );
});
