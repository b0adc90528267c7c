/** Images of one file share the layers of packages that several of them hold, as the lock records. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { buildDigests } from "../../src/app/build-digests.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { collector } from "../app/collector.ts";
import { build, files, folder, imgc, tool, verified } from "./tools.ts";

interface Report {
  images: { name: string; digest: string; output: string }[];
  built: { name: string }[];
}

const library = (name: string) =>
  `(writeText "${name}-1.0" (builtins.concatStringsSep "\\n" (builtins.genList (i: builtins.hashString "sha256" ("${name}" + toString i)) 200)))`;
const LIBRARIES = Array.from("abcdefgh", (letter) => `lib${letter}`);

/** An application with its own library, on the common libraries. */
const image = (name: string, version: string) => `image "test/${name}" {
  store [ nix ''writeText "${name}-${version}" (toString [
    ${[...LIBRARIES, `own${name}`].map(library).join("\n    ")}
  ])'' ]
  layers { max 6 }
}
`;

test("two images share the layers of their common packages, and a change of one leaves the other as it is", async () => {
  const spec = files({ "a.imgspec": image("web", "1.0") + image("api", "1.0") });
  const buildAll = async () => JSON.parse((await imgc("build", spec, "--no-link", "--json")).stdout) as Report;
  const layersOf = ({ images }: Report, name: string) =>
    readImageDirectory(images.find((each) => each.name === `test/${name}`)?.output as string).layers;
  const sharedPaths = (report: Report) => {
    const digests = new Set(layersOf(report, "api").map(({ digest }) => digest));
    const shared = layersOf(report, "web").filter(({ digest }) => digests.has(digest));
    return shared.flatMap(({ content }) => content.paths.map((path) => path.slice(-"liba-1.0".length)));
  };

  const { context } = collector();
  const pushed = await buildDigests(spec, { image: "test/web" }, context);
  const first = await buildAll();
  expect(sharedPaths(first).toSorted()).toEqual(LIBRARIES.map((name) => `${name}-1.0`));
  const digest = ({ images }: Report, name: string) => images.find((each) => each.name === `test/${name}`)?.digest;
  // A push of one image without a lock plans the image as the build of the file does.
  expect(pushed.map((each) => sha256(each.manifestBytes))).toEqual([digest(first, "web")]);
  const lock = () => readFileSync(join(dirname(spec), "imgc.lock"), "utf8");
  const recorded = lock();
  expect(recorded).toMatch(/"1": "\d layers with test\/api/);
  expect((await buildAll()).built).toEqual([]);
  expect(lock()).toBe(recorded);
  const plan = (await imgc("plan", spec)).stdout;
  expect(plan).toMatch(/^test\/web +\d+ +\S+ kB +\S+ kB$/m);
  expect(plan).toMatch(/^\d layers, \S+ kB, of test\/web, test\/api$/m);

  // No earlier run of this test has built this version.
  writeFileSync(spec, image("web", `${Date.now()}`) + image("api", "1.0"));
  const changed = await buildAll();
  expect(digest(changed, "web")).not.toBe(digest(first, "web"));
  expect(digest(changed, "api")).toBe(digest(first, "api"));
  expect(changed.built.filter(({ name }) => name.includes("api"))).toEqual([]);
  expect(changed.built.filter(({ name }) => name.startsWith("layer"))).toEqual([]);
  expect(sharedPaths(changed)).toEqual(sharedPaths(first));
  expect((await buildAll()).built).toEqual([]);

  // Nix alone plans with the classes of the lock.
  const flake = join(folder(), "flake");
  await imgc("compile", spec, "--nixpkgs", join(import.meta.dirname, "../nixpkgs"), "--flake", flake);
  const result = join(folder(), "result");
  await tool("nix", ["build", `path:${flake}#web`, "-o", result]);
  const byNix = await build(spec, { attribute: "web" });
  for (const path of [result, byNix.path]) expect((await verified(path)).digests).toEqual([digest(changed, "web")]);
});
