import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checksums } from "../../src/image/checksums.ts";
import { documents, readImageDirectory } from "../../src/image/image-directory.ts";
import { encodeIndex, indexPart } from "../../src/image/index-entries.ts";
import { verify } from "../../src/verify/verify.ts";
import { folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";

const LAYERS = { libc: "c", app: "the application" };

/** Changes a document of an image, with or without its line in SHA256SUMS. */
function change(image: string, name: string, from: RegExp, to: string, isSummed = true): void {
  const path = join(image, name);
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(from);
  writeFileSync(path, text.replace(from, to));
  if (isSummed) writeFileSync(join(image, "SHA256SUMS"), checksums(image, documents(image)));
}

test("an unchanged image has no findings", async () => {
  const steps: string[] = [];
  const image = await makeImage(folder(), "good", { layers: LAYERS });
  const report = await verify(image, { deep: true, onStep: (step) => steps.push(step) });
  expect(report).toMatchObject({ form: "image directory", layers: 2, paths: 2, findings: [] });
  expect(steps).toEqual(["layer 1 of 2 (libc)", "layer 2 of 2 (app)"]);
});

test("a changed file of the store is found by the diff ID of its layer, and by its NAR hash", async () => {
  const root = folder();
  const image = await makeImage(root, "store", { layers: LAYERS });
  const [, app] = readImageDirectory(image).file.closure;
  writeFileSync(join(root, app?.path ?? "", "data"), "another application");
  const { findings } = await verify(image, { deep: true });
  expect(findings.join("\n")).toMatch(/layer 2 \(app\), diff ID: claimed sha256:.* computed sha256:/);
  expect(findings.some((finding) => finding.includes(app?.path ?? ""))).toBe(true);
  expect(findings.join("\n")).not.toContain("layer 1");
});

test.each([
  ["a tag that SHA256SUMS does not know", "image.json", /"v1"/, '"v2"', false, /image\.json/],
  [
    "another digest in the manifest",
    "manifest.json",
    /"digest":"sha256:\w{8}/,
    '"digest":"sha256:00000000',
    true,
    /config digest/,
  ],
  ["another size in a recipe", "layers/000.json", /"diffSize":\d+/, '"diffSize":1', true, /layer 1 .*size/],
  ["a store path that no layer has", "image.json", /"held":\[\]/, '"held":["/nix/store/x"]', true, /\/nix\/store\/x/],
] as const)("finds %s", async (_what, name, from, to, isSummed, finding) => {
  const image = await makeImage(folder(), "changed", { layers: LAYERS });
  change(image, name, from, to, isSummed);
  expect((await verify(image)).findings.join("\n")).toMatch(finding);
});

test("a file that is not part of the image is a finding", async () => {
  const image = await makeImage(folder(), "more", { layers: LAYERS });
  writeFileSync(join(image, "notes.txt"), "");
  expect((await verify(image)).findings).toEqual([expect.stringContaining("notes.txt")]);
});

/** An image directory for two platforms. */
async function index(): Promise<string> {
  const root = folder();
  const at = join(root, "nix/store", `${"1".repeat(32)}-index`);
  mkdirSync(join(at, "images"), { recursive: true });
  const parts = [];
  for (const [i, architecture] of ["amd64", "arm64"].entries()) {
    const image = await makeImage(root, architecture, { architecture, layers: LAYERS });
    cpSync(image, join(at, `images/00${i}`), { recursive: true });
    parts.push(indexPart(readImageDirectory(image)));
  }
  writeFileSync(join(at, "index.json"), encodeIndex(parts));
  writeFileSync(join(at, "SHA256SUMS"), checksums(at, ["index.json"]));
  return at;
}

test("an image for two platforms is verified part by part", async () => {
  const at = await index();
  expect(await verify(at)).toMatchObject({ form: "image directory for 2 platforms", layers: 4, findings: [] });

  const text = readFileSync(join(at, "index.json"), "utf8").replace('"arm64"', '"riscv64"');
  writeFileSync(join(at, "index.json"), text);
  appendFileSync(join(at, "images/001/SHA256SUMS"), "x");
  const { findings } = await verify(at);
  const found = findings.join("\n");
  expect(found).toContain("linux/arm64, platform in the index: claimed linux/riscv64, computed linux/arm64");
  expect(found).toMatch(/index\.json/);
  expect(found).toMatch(/^linux\/arm64: .*SHA256SUMS/m);
  expect(found).not.toMatch(/^linux\/amd64/m);
});

test("a path without an image is an error", async () => {
  const at = folder();
  await expect(verify(join(at, "nowhere"))).rejects.toThrow("nowhere");
  await expect(verify(at)).rejects.toThrow("image.json");
});
