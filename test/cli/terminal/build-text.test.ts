import { expect, test } from "vitest";
import { builtText, summaryText } from "../../../src/cli/terminal/build-text.ts";
import { hashingPhase } from "../../../src/layer/hashing.ts";

const digest = `sha256:${"0".repeat(64)}`;
const layer = (name: string, built: boolean) => ({ name, digest, size: 1, built });
const image = {
  name: "shop/api",
  tag: "v1",
  platform: "linux/amd64",
  digest,
  size: 1_234_567,
  unpackedSize: 2_345_678,
  layers: [layer("auto", false), layer("auto", true), layer("files", true)],
  output: "/nix/store/x",
};
const plain = (_: string, text: string) => text;

test("the summary of an image fits into 80 columns", () => {
  expect(summaryText(image, "result", plain)).toBe(
    `shop/api:v1
digest   ${digest}
size     1.2 MB to pull, 2.3 MB unpacked
layers   3, 2 built (auto, files), 1 kept
platform linux/amd64
link     result
`,
  );
  expect(summaryText({ ...image, layers: [] }, undefined, plain)).toContain(
    "\nlayers   0, all kept\nplatform linux/amd64\npath     /nix/store/x\n",
  );
  const shared = [layer("auto, shared", true), layer("files", true)];
  expect(summaryText({ ...image, layers: shared }, undefined, plain)).toContain("all built (auto, shared; files)");
  const layers = Array.from({ length: 20 }, (_, i) => layer(`a layer with a long name ${i}`, true));
  const long = summaryText({ ...image, layers }, "result", plain);
  expect(long).toContain("\nlayers   20, all built (a layer with a long name 0, ");
  expect(long).toContain(" and 12 more)\n");
  for (const line of long.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("the last line tells packages from parts of the image, and how long the build took", () => {
  const built = (name: string, phase: string) => ({ derivation: "", name, phase, machine: "" });
  expect(builtText([], 1234)).toBe("nothing to build, 1.2 s\n");
  const hashing = hashingPhase({ label: "auto", layer: 1, of: 1, bytes: 5_000_000 });
  const all = [built("app-1.0", "installPhase"), built("x", ""), built("layer.json", hashing), built("p", "planning")];
  expect(builtText(all, 61_000)).toBe(
    "built    app-1.0, x and 2 parts of the image\ntime     1 min 01 s, 5.0 MB hashed\n",
  );
});
