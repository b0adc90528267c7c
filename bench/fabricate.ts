/** Makes an image directory and its store without building: closures of any size within seconds. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checksums } from "../src/image/checksums.ts";
import { encodeImageFile, type Expect, type ImageFile } from "../src/image/image-file.ts";
import { encode } from "../src/oci/documents.ts";
import { documents } from "../src/image/image-directory.ts";
import { digestLayer } from "../src/layer/digest.ts";
import { narDigest } from "../src/layer/nar.ts";
import { plan } from "../src/plan/plan.ts";
import { makeConfig, makeManifest } from "../src/image/make-documents.ts";

const PLATFORM = { os: "linux", architecture: "amd64" };
/** An image that expects nothing of itself. */
export const NOTHING: Expect = {
  size: [],
  layers: [],
  layerSize: [],
  absent: [],
  present: [],
  noSetuid: false,
  noWorldWritable: false,
  reproducible: false,
  run: [],
};

/** Deterministic numbers between 0 and 1 (Lehmer's generator). */
export function randomNumbers(seed = 1): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Makes an image of `count` store paths with `files` files each, in up to 100 layers; returns its folder. */
export async function fabricate(count: number, files = 2): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "imgc-bench-"));
  const storeDir = "/nix/store";
  const random = randomNumbers();
  const closure: ImageFile["closure"] = [];
  for (let i = 0; i < count; i++) {
    const path = `${storeDir}/${i.toString(36).padStart(32, "0")}-package${i}-1.${i}`;
    mkdirSync(join(root, path, "lib"), { recursive: true });
    // Most files are small, a few are large.
    for (let file = 0; file < files; file++) {
      writeFileSync(join(root, path, "lib", `file${file}`), "x".repeat(Math.floor(200 / (random() + 0.005))));
    }
    // Early paths have most referrers, like libraries.
    const references = [...new Set([1, 2, 3].map(() => Math.floor(random() ** 3 * i)))].flatMap(
      (at) => closure[at]?.path ?? [],
    );
    const { hash, size } = narDigest(join(root, path));
    closure.push({ path, narHash: `sha256:${hash.toString("hex")}`, narSize: size, references: references.toSorted() });
  }
  closure.sort((a, b) => (a.path < b.path ? -1 : 1));

  const layers = [];
  for (const { name, paths } of plan({ closure, steps: [{ kind: "auto" }], budget: 100 })) {
    const content = { paths, entries: [], permissions: [] };
    layers.push(await digestLayer(name, content, { algorithm: "none", level: null }, root));
  }
  const image = join(root, storeDir, `${"0".repeat(32)}-image`);
  mkdirSync(join(image, "layers"), { recursive: true });
  for (const [i, layer] of layers.entries()) {
    writeFileSync(join(image, "layers", `${String(i).padStart(3, "0")}.json`), encode(layer));
  }
  const config = encode(makeConfig({ platform: PLATFORM, author: null }, "1970-01-01T00:00:01Z", {}, layers));
  const file: ImageFile = {
    imgc: 4,
    name: "bench/scale",
    tag: "v1",
    storeDir,
    expect: NOTHING,
    closure,
    held: [],
    roots: closure.map(({ path }) => path),
    metadata: [],
  };
  writeFileSync(join(image, "config.json"), config);
  writeFileSync(join(image, "manifest.json"), encode(makeManifest("oci", config, layers, {})));
  writeFileSync(join(image, "image.json"), encodeImageFile(file));
  writeFileSync(join(image, "SHA256SUMS"), checksums(image, documents(image)));
  return image;
}
