import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDigests } from "../../src/image/digests-file.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { build, failure, files, folder, IMGC, imgc, tool, verified } from "./tools.ts";

interface Report {
  images: { digest: string; size: number; output: string; layers: { name: string; built: boolean }[] }[];
  built: { name: string }[];
}

const spec = (app: string, more = "") =>
  files({
    "test.imgspec": `image "test/build" {
      store [ nix ''writeText "app" "${app} ''\${openssl}"'' ]
      layers { layer "runtime" [ openssl ] each }
      ${more}
    }`,
  });
const buildJson = async (...args: string[]) =>
  JSON.parse((await imgc("build", "--json", "--no-link", ...args)).stdout) as Report;
const stamp = `${Date.now()}`;

test("one command builds, links, and prints a summary", async () => {
  const link = join(folder(), "out");
  const { stdout, stderr } = await imgc("build", spec(`${stamp} a`), "--out-link", link);
  const { digests, layers } = await verified(link);
  expect(stdout).toContain(`digest   ${digests[0]}\n`);
  expect(stdout).toContain(`layers   ${layers}, `);
  expect(stdout).toContain(`link     ${link}\n`);
  expect(stdout).toMatch(/^built {4}app and \d parts of the image\ntime {5}[\d.]+ s, [\d.]+ [kM]B hashed$/m);
  // In a pipe: no progress, no terminal controls.
  expect(withoutWarnings(stderr)).toMatch(/^imgc: created \S+\/imgc\.lock; .*\n$/);
  expect(stdout).not.toContain("\u001b");

  const again = await imgc("build", spec(`${stamp} a`), "--no-link");
  expect(again.stdout).toContain(", all kept\n");
  expect(again.stdout).toContain("nothing to build");
  expect(withoutWarnings(again.stderr)).toMatch(/^imgc: created \S+\/imgc\.lock; .*\n$/);
});

/** Nix 2.8 warns if other tests keep its database busy. */
const withoutWarnings = (text: string): string => text.replaceAll(/^warning: .*\n/gm, "");

test("after a change of the app, only its layer is new", async () => {
  const before = await buildJson(spec(`${stamp} b`));
  const after = await buildJson(spec(`${stamp} c`));
  expect(after.images[0]?.layers.filter(({ built }) => built).map(({ name }) => name)).toEqual(["each"]);
  expect(after.images[0]?.layers).toHaveLength(before.images[0]?.layers.length ?? 0);
  expect(after.images[0]?.digest).not.toBe(before.images[0]?.digest);
  expect(after.built.map(({ name }) => name).toSorted()).toEqual(["app", "test-build", "test-build-plan"]);
});

test("another output form, and options of Nix after --", async () => {
  const raw = await buildJson(spec(`${stamp} d`));
  const { images } = await buildJson(spec(`${stamp} d`, "output oci"), "--", "--max-jobs", "1");
  expect(images[0]?.output).toMatch(/-test-build-oci$/);
  expect(images[0]?.digest).toBe(raw.images[0]?.digest);
});

test("several images, in the order of the file, or one by --image", async () => {
  const file = files({
    "two.imgspec": `image "test/two" { packages [ hello ] output oci }
    image "test/one" { base image "test/two" packages [ jq ] output oci }`,
  });
  const link = join(folder(), "out");
  const { stdout } = await imgc("build", file, "-o", link);
  expect(readlinkSync(link)).toMatch(/-test-two-oci$/);
  expect(readlinkSync(`${link}-1`)).toMatch(/-test-one-oci$/);
  expect(stdout.match(/^(?:test\/|link ).*/gm)).toEqual([
    expect.stringMatching(/^test\/two:/),
    `link     ${link}`,
    expect.stringMatching(/^test\/one:/),
    `link     ${link}-1`,
  ]);
  const { images } = await buildJson(file, "--image", "test/one");
  expect(images.map(({ output }) => output)).toEqual([expect.stringMatching(/-test-one-oci$/)]);
});

test("failures have a message and the exit code of their kind", async () => {
  const expecting = async (text: string) =>
    await failure(imgc("build", spec(`${stamp} e`, `expect { ${text} }`), "--no-link"));
  const expected = await expecting('layers <= 1 licenses [ "LGPL-2.1-or-later" ]');
  expect(expected.code).toBe(1);
  expect(expected.stderr).toMatch(
    /test\.imgspec:4:16: error: expect layers <= 1: the image has \d+ \[build-finding\]$/m,
  );
  expect(expected.stderr).toMatch(
    /test\.imgspec:4:28: error: expect licenses: \S+-openssl-\S+ has the licence Apache-2\.0, which the list does not allow/,
  );
  expect(expected.stderr).toMatch(/test\.imgspec:4:28: error: expect licenses: \S+-app has no known licence/);
  const forbidden = await expecting('no-licenses [ "MIT" "LGPL-2.1-or-later" ]');
  expect(forbidden.stderr).toMatch(/test\.imgspec:4:36: error: expect no-licenses LGPL-2\.1-or-later: \S+-glibc-/);

  const misspelt = files({ "a.imgspec": 'image "test/a" { packages [ helo ] }' });
  // Also if an option chooses Nix's log format.
  for (const more of [[], ["--", "-L"]]) {
    const missing = await failure(imgc("build", misspelt, "--no-link", ...more));
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/a\.imgspec:1:29: error: the package set has no `helo`; did you mean `hello`\?/);
  }

  const derivation = (name: string, script: string, more = "") =>
    files({
      "b.imgspec": `image "test/b" { store [ nix ''derivation {
        name = "${name}"; system = builtins.currentSystem; builder = "''\${bash}/bin/bash"; args = [ "-c" "${script}" ]; ${more}
      }'' ] }`,
    });
  // Only builders of imgc report findings.
  const broken = derivation("broken-1", "echo the compiler is unhappy; echo imgc[test/b store 0]: no finding; exit 4");
  const failed = await failure(imgc("build", broken, "--no-link", "--", "-L"));
  expect(failed.stderr).toMatch(/^broken-1> the compiler is unhappy$/m);
  expect(failed.code).toBe(3);
  expect(failed.stderr).toMatch(
    /^imgc: broken-1 failed to build: .*\n {2}the compiler is unhappy\n {2}imgc\[test\/b store 0\]: no finding\n/m,
  );
  expect(failed.stderr).toMatch(/^ {2}\(`nix log \/nix\/store\/[^ ]*-broken-1\.drv` shows the whole log\)$/m);

  const hash = `outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "${"0".repeat(64)}";`;
  const fetched = await failure(imgc("build", derivation("fetched-1", "echo > $out", hash), "--no-link"));
  expect(fetched.code).toBe(3);
  const [, command = ""] =
    /^imgc: fetched-1 failed to build: .*sha256-A{43}=.*sha256-AbpHGc.*\n {2}\(`(.*)` shows the whole log\)$/m.exec(
      fetched.stderr,
    ) ?? [];
  expect(command).toMatch(/^nix log \/nix\/store\/[^ ]*-fetched-1\.drv$/);

  const without = await failure(tool(process.execPath, [IMGC, "build", misspelt, "--no-link"], { PATH: "/nowhere" }));
  expect(without.code).toBe(3);
  expect(without.stderr).toContain("nix is not installed");
  expect((await failure(imgc("build", misspelt, "other.imgspec"))).code).toBe(2);
});

test("the digests file of an image refers to no store path", async () => {
  for (const grain of ["layer", "group"]) {
    const file = spec(`${stamp} f`, `cache { reuse ${grain} }`);
    const image = (await build(file)).path;
    const digests = (await build(file, { attribute: "digests" })).path;
    expect((await tool("nix-store", ["--query", "--references", digests])).stdout).toBe("");
    // Evaluation reads only such files.
    const { stdout } = await tool("nix", [
      "eval",
      "--json",
      "-f",
      files({ "e.nix": (await imgc("compile", file)).stdout }),
      "evaluated",
    ]);
    for (const path of JSON.parse(stdout) as string[]) {
      expect((await tool("nix-store", ["--query", "--references", path])).stdout).toBe("");
    }
    expect(readDigests(digests)).toEqual({ ...readImageDirectory(image), path: digests });
  }
});
