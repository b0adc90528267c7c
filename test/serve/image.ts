/** Makes image directories without Nix: a store of plain folders, and an image as the builder would make it. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { keepBlobs as withBlobs } from "../../src/builder/keep-blob.ts";
import { checksumLines, checksums } from "../../src/image/checksums.ts";
import { encodeImageFile, type ImageFile } from "../../src/image/image-file.ts";
import { encode } from "../../src/oci/documents.ts";
import { documents, readImageDirectory } from "../../src/image/image-directory.ts";
import { encodeIndex, indexPart } from "../../src/image/index-entries.ts";
import { digestLayer } from "../../src/layer/digest.ts";
import { narDigest } from "../../src/layer/nar.ts";
import { toHex } from "../../src/oci/digest.ts";
import type { Compression, Layer } from "../../src/layer/recipe.ts";
import type { ManifestKind } from "../../src/oci/media-types.ts";
import { makeConfig, makeManifest } from "../../src/image/make-documents.ts";

export interface TestImage {
  name?: string;
  tag?: string;
  architecture?: string;
  kind?: ManifestKind;
  algorithm?: Compression["algorithm"];
  /** A store path in a separate layer for each: name -> content of its only file `data`, or of each of its files. */
  layers: Record<string, string | Buffer | Record<string, string | Buffer>>;
  /** Whether the store has the compressed bytes of each layer. */
  keepBlobs?: boolean;
  /** Whether the layers are zstd:chunked. */
  chunked?: true;
  /** Changes a layer's recipe. */
  alter?: (layer: Layer) => Layer;
}

/** Writes the store paths and the image into `root`/nix/store; returns the image's path. */
export async function makeImage(root: string, id: string, image: TestImage): Promise<string> {
  const {
    name = "test/app",
    tag = "v1",
    architecture = "amd64",
    kind = "oci",
    algorithm = "zstd",
    keepBlobs = false,
  } = image;
  const out = join(root, `nix/store/${hash(id)}-image`);
  mkdirSync(join(out, "layers"), { recursive: true });
  const closure: ImageFile["closure"] = [];
  const layers = [];
  for (const [layer, data] of Object.entries(image.layers)) {
    const path = `/nix/store/${hash(layer)}-${layer}`;
    mkdirSync(root + path, { recursive: true });
    const contents = typeof data === "string" || Buffer.isBuffer(data) ? { data } : data;
    for (const [file, bytes] of Object.entries(contents)) writeFileSync(join(root + path, file), bytes);
    const compression = { algorithm, level: null, ...(image.chunked && { chunked: image.chunked }) };
    const content = { paths: [path], entries: [], permissions: [] };
    const blobs = `/nix/store/${hash(`${layer}k`)}-layer.json-blobs`;
    const [kept] = (await withBlobs(keepBlobs ? root + blobs : undefined, 1, async ([onPacked]) => [
      await digestLayer(layer, content, compression, root, () => {}, onPacked),
    ])) as [Layer];
    const recipe = { ...kept, ...(keepBlobs ? { blobFile: `${blobs}/${toHex(kept.digest)}` } : {}) };
    layers.push(image.alter?.(recipe) ?? recipe);
    const nar = narDigest(root + path);
    closure.push({ path, narHash: `sha256:${nar.hash.toString("hex")}`, narSize: nar.size, references: [] });
  }
  const config = encode(
    makeConfig({ platform: { os: "linux", architecture }, author: null }, "1970-01-01T00:00:01Z", {}, layers),
  );
  const expect = { size: [], layers: [], layerSize: [], absent: [], present: [] };
  const file: ImageFile = {
    imgc: 4,
    name,
    tag,
    storeDir: "/nix/store",
    expect: { ...expect, noSetuid: false, noWorldWritable: false, reproducible: false, run: [] },
    closure,
    held: [],
    roots: closure.map(({ path }) => path),
    metadata: [],
  };
  writeFileSync(join(out, "config.json"), config);
  writeFileSync(join(out, "manifest.json"), encode(makeManifest(kind, config, layers, {})));
  writeFileSync(join(out, "image.json"), encodeImageFile(file));
  for (const [i, layer] of layers.entries()) {
    writeFileSync(join(out, "layers", `${String(i).padStart(3, "0")}.json`), encode(layer));
  }
  writeFileSync(join(out, "SHA256SUMS"), checksums(out, documents(out)));
  return out;
}

/** 32 characters in place of a store path's hash. */
function hash(name: string): string {
  return name
    .replaceAll(/[^0-9a-df-np-sv-z]/g, "0")
    .padEnd(32, "0")
    .slice(0, 32);
}

/** Writes an image in two forms, gzip and zstd, as an index directory; returns its path. */
export async function makeForms(root: string, id: string, image: TestImage): Promise<string> {
  const parts = [
    await makeImage(root, `${id}-gzip`, { ...image, algorithm: "gzip" }),
    await makeImage(root, `${id}-zstd`, { ...image, algorithm: "zstd" }),
  ];
  const out = join(root, `nix/store/${hash(id)}-index`);
  mkdirSync(join(out, "images"), { recursive: true });
  const bytes = encodeIndex(parts.map((path) => indexPart(readImageDirectory(path))));
  writeFileSync(join(out, "index.json"), bytes);
  for (const [i, path] of parts.entries()) symlinkSync(`../../${basename(path)}`, join(out, `images/00${i}`));
  writeFileSync(join(out, "SHA256SUMS"), checksumLines([["index.json", bytes]]));
  return out;
}
