/** Makes images in every form, some of them damaged or hostile. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as z from "zod/mini";
import { checksumLines } from "../../src/image/checksums.ts";
import { encode } from "../../src/oci/documents.ts";
import { DigestsFile } from "../../src/image/digests-file.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { encodeMasked } from "../../src/store/masked-json.ts";
import { makeImage } from "../serve/image.ts";
import { bomb, oddEntries, tarOf } from "./odd-layers.ts";
import type { Random } from "./random.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../../src/oci/media-types.ts";

export type Form = "directory" | "digests" | "index" | "layout" | "archive" | "docker" | "docker-archive";
export const FORMS: Form[] = ["directory", "digests", "index", "layout", "archive", "docker", "docker-archive"];

/** Writes an image into an empty folder; returns its path. */
export async function oddImage(random: Random, form: Form, folder: string): Promise<string> {
  if (form === "digests") return await digestsFile(random, folder);
  const path = await (form === "directory"
    ? directory(random, folder)
    : form === "index"
      ? indexDirectory(random, folder)
      : written(folder, form.startsWith("docker") ? dockerFiles(random) : layoutFiles(random)));
  const isArchive = form.endsWith("archive");
  for (let left = random.pick([0, 0, 1, 1, 2, 3]); left > 0; left--) damage(random, path, !isArchive);
  if (!isArchive) return path;
  const file = join(folder, "image.tar");
  // Symbolic links and pipes become entries of the archive.
  execFileSync("tar", ["-C", path, "--sort=name", ...(random.chance(0.2) ? ["-z"] : []), "-cf", file, "."], {
    stdio: "ignore",
  });
  if (random.chance(0.3)) damageFile(random, file);
  return ensureExists(file);
}

/** Creates an empty file if damage removed the file: a missing file is wrong usage, not a damaged image. */
function ensureExists(file: string): string {
  if (existsSync(file)) return file;
  rmSync(file, { force: true });
  writeFileSync(file, "");
  return file;
}

async function directory(random: Random, root: string): Promise<string> {
  const names = ["app", "lib", "run"].slice(0, 1 + random.below(3));
  const layers = Object.fromEntries(names.map((name) => [name, random.bytes(random.below(2000))]));
  const algorithm = random.pick(["none", "gzip", "zstd"] as const);
  return await makeImage(root, "image", { layers, algorithm });
}

async function digestsFile(random: Random, root: string): Promise<string> {
  const { file, manifestBytes, configBytes, layers } = readImageDirectory(await directory(random, root));
  const path = join(root, `nix/store/${"2".repeat(32)}-image-digests.json`);
  const documents = { manifest: manifestBytes.toString(), config: configBytes.toString() };
  writeFileSync(path, encodeMasked(z.encode(DigestsFile, { imgcDigests: 3, image: file, ...documents, layers })));
  if (random.chance(0.7)) damageFile(random, path);
  return ensureExists(path);
}

async function indexDirectory(random: Random, root: string): Promise<string> {
  const out = join(root, `nix/store/${"1".repeat(32)}-index`);
  mkdirSync(join(out, "images"), { recursive: true });
  const manifests = [];
  for (const [i, architecture] of ["amd64", "arm64"].entries()) {
    const layers = { [`app${architecture}`]: random.bytes(100) };
    const image = await makeImage(root, architecture, { layers, architecture });
    const manifest = readFileSync(join(image, "manifest.json"));
    const { mediaType } = JSON.parse(manifest.toString()) as { mediaType: string };
    manifests.push({
      mediaType,
      digest: sha256(manifest),
      size: manifest.length,
      platform: { os: "linux", architecture },
    });
    symlinkSync(`../../${image.slice(image.lastIndexOf("/") + 1)}`, join(out, "images", `00${i}`));
  }
  const bytes = encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
  writeFileSync(join(out, "index.json"), bytes);
  writeFileSync(join(out, "SHA256SUMS"), checksumLines([["index.json", bytes]]));
  return out;
}

type FilesOf = Map<string, Buffer>;

function written(folder: string, files: FilesOf): string {
  const path = join(folder, "image");
  mkdirSync(path);
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
  return path;
}

function oddLayer(random: Random): { bytes: Buffer; algorithm: "none" | "gzip" | "zstd"; diffId: string } {
  const tar = tarOf(oddEntries(random));
  const algorithm = random.pick(["none", "gzip", "zstd"] as const);
  const bytes = algorithm === "none" ? tar : algorithm === "gzip" ? gzipSync(tar) : zstdCompressSync(tar);
  const packed = random.chance(0.02) ? bomb(algorithm === "zstd" ? "zstd" : "gzip", 24, 250 << 20) : bytes;
  return {
    bytes: packed,
    algorithm: packed !== bytes && algorithm === "none" ? "gzip" : algorithm,
    diffId: sha256(tar),
  };
}

function configOf(random: Random, diffIds: string[]): Buffer {
  const odd = ["\u001b]0;x\u0007", "a\nb", "\u202eevil", "/bin/run", ""];
  const isSane = random.chance(0.5);
  const text = () => (isSane ? "" : random.pick(odd));
  return encode({
    architecture: "amd64",
    os: "linux",
    config: { User: text(), Env: [`PATH=${text()}`], Entrypoint: [text()], WorkingDir: text() },
    rootfs: { type: "layers", diff_ids: diffIds },
    ...(random.chance(0.3)
      ? { history: diffIds.map((_, i) => ({ created: text(), created_by: `imgc: ${text()}${i}` })) }
      : {}),
  });
}

function layoutFiles(random: Random): FilesOf {
  const files: FilesOf = new Map();
  const blob = (mediaType: string, bytes: Buffer, more: object = {}) => {
    files.set(`blobs/${sha256(bytes).replace(":", "/")}`, bytes);
    return { mediaType, digest: sha256(bytes), size: bytes.length, ...more };
  };
  const image = () => {
    const layers = Array.from({ length: random.below(4) }, () => oddLayer(random));
    const config = configOf(
      random,
      layers.map(({ diffId }) => diffId),
    );
    const types = random.pick([MEDIA_TYPES.oci, MEDIA_TYPES.docker]);
    const manifest = {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: blob(types.config, config),
      layers: layers.map(({ bytes, algorithm }) => blob(types[algorithm], bytes)),
    };
    return blob(types.manifest, encode(manifest), { platform: { os: "linux", architecture: "amd64" } });
  };
  const artifact = () => {
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.oci.manifest,
      config: blob("application/vnd.oci.empty.v1+json", Buffer.from("{}")),
      layers: [blob("text/spdx", Buffer.from("SPDXVersion: SPDX-2.3\n"))],
    };
    return blob(MEDIA_TYPES.oci.manifest, encode(manifest));
  };
  let manifests: object[] = random.pick<() => object[]>([
    () => [image()],
    () => [image()],
    () => [image(), image()],
    () => [],
    () => [image(), artifact()],
    () => [artifact()],
    () => [image(), blob("text/spdx", Buffer.from("not JSON"))],
    () => Array.from({ length: 300 }, image),
    () => Array<object>(9000).fill(image()),
  ])();
  const chain = random.pick([0, 0, 0, 1, 3, 40, 6000]);
  for (let i = 0; i < chain; i++) {
    const index = encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
    manifests = [blob(INDEX_TYPE, index)];
  }
  files.set("oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  files.set("index.json", encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }));
  return files;
}

function dockerFiles(random: Random): FilesOf {
  const files: FilesOf = new Map();
  const layers = Array.from({ length: random.below(4) }, () => oddLayer(random));
  const config = configOf(
    random,
    layers.map(({ diffId }) => diffId),
  );
  const name = `${sha256(config).slice("sha256:".length)}.json`;
  files.set(name, config);
  for (const [i, { bytes }] of layers.entries()) files.set(`${i}/layer.tar`, bytes);
  const odd = ["../../../etc/passwd", "/etc/passwd", "", ".", "\0"];
  const entry = {
    Config: random.chance(0.1) ? random.pick(odd) : name,
    RepoTags: random.pick([["a:b"], null, ["\u001b[31m:x"]]),
    Layers: layers.map((_, i) => (random.chance(0.1) ? random.pick(odd) : `${i}/layer.tar`)),
  };
  files.set("manifest.json", encode(random.pick([[entry], [entry, entry], []])));
  return files;
}

/** Damages a file of a folder, or adds an odd file. */
function damage(random: Random, path: string, hasGiants: boolean): void {
  const name = random.pick(plainFiles(path));
  const changes: (() => void)[] = [
    () => symlinkSync(".", join(path, "loop")),
    () => symlinkSync(random.pick(["..", "/", "/etc/passwd", "missing"]), join(path, "out")),
    () => makePipe(join(path, "pipe")),
    () => writeFileSync(join(path, "extra"), "x"),
    () => mkdirSync(join(path, "deep/".repeat(random.pick([1, 500]))), { recursive: true }),
    () => makePipe(join(existing(path, ["layers", "blobs/sha256", "images", "."]), "9.json")),
  ];
  const kind = random.below(3);
  if (kind === 0 || name === undefined) {
    try {
      random.pick(changes)();
    } catch {
      // The path already exists.
    }
  } else damageFile(random, name, hasGiants);
}

function makePipe(path: string): void {
  execFileSync("mkfifo", [path], { stdio: "ignore" });
}

/** The regular files below a folder. Does not follow links, which may lead to files of this machine. */
function plainFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return plainFiles(path);
      return entry.isFile() ? [path] : [];
    });
}

function existing(path: string, folders: string[]): string {
  return folders.map((each) => join(path, each)).find((each) => existsSync(each)) ?? path;
}

/** `hasGiants`: whether the file may become a huge sparse file, which tools should not copy. */
function damageFile(random: Random, file: string, hasGiants = true): void {
  const bytes = lstatSync(file).size > 1 << 20 ? Buffer.alloc(16) : readFileSync(file);
  const replace = (make: () => void) => () => {
    rmSync(file);
    make();
  };
  random.pick<() => void>([
    replace(() => {}),
    replace(() => symlinkSync(random.pick(["/dev/zero", file, "..", "/etc/passwd", "../image/index.json"]), file)),
    replace(() => makePipe(file)),
    replace(() => mkdirSync(file)),
    () => writeFileSync(file, ""),
    () => truncateSync(file, random.below(bytes.length + 1)),
    () => truncateSync(file, random.pick(hasGiants ? [1.5e9, 1e12] : [bytes.length + 1])),
    () => writeFileSync(file, flipped(random, bytes)),
    () => writeFileSync(file, flipped(random, bytes)),
    () => writeFileSync(file, oddJson(random, bytes)),
    () => writeFileSync(file, oddJson(random, bytes)),
    () => writeFileSync(file, oddJson(random, bytes)),
    () => writeFileSync(file, "[".repeat(100_000)),
    () => writeFileSync(file, `[${"0,".repeat(1_500_000)}0]`),
    () => writeFileSync(file, Buffer.concat([bytes, bytes])),
  ])();
}

function flipped(random: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  if (changed.length === 0) return changed;
  const at = random.below(changed.length);
  changed[at] = (changed[at] as number) ^ (1 << random.below(8));
  return changed;
}

const VALUES: unknown[] = [
  null,
  -1,
  1e308,
  0,
  "",
  "/etc/passwd",
  "/dev/zero",
  "../../../../etc/passwd",
  "sha256:../../../etc/passwd",
  "\u001b[2J\u202e",
  "\ud800",
  [],
  {},
  true,
  "x".repeat(10_000),
  // Texts for which some regular expressions take quadratic time.
  `a${"/".repeat(200_000)}b`,
  `/nix/store/a${"-1".repeat(100_000)}\n`,
  `${" ".repeat(200_000)}x`,
  Number.MAX_SAFE_INTEGER,
];

/** The document with a random value replaced, repeated or removed. */
function oddJson(random: Random, bytes: Buffer): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return random.bytes(50);
  }
  let at = value;
  for (let depth = 0; depth < 12 && typeof at === "object" && at !== null; depth++) {
    const parent = at as Record<string, unknown>;
    const keys = Object.keys(parent);
    if (keys.length === 0) break;
    const key = random.pick(keys);
    const next = parent[key];
    const goesDeeper = typeof next === "object" && next !== null && random.chance(0.8);
    if (goesDeeper) {
      at = next;
      continue;
    }
    if (random.chance(0.15)) Reflect.deleteProperty(parent, key);
    else if (Array.isArray(parent) && random.chance(0.2)) parent.push(...Array<unknown>(2000).fill(next));
    else parent[key] = random.pick(VALUES);
    break;
  }
  return encode(value as object);
}
