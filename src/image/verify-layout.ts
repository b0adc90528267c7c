/** Verifies an OCI image layout (image-spec, image-layout.md), whoever wrote it. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import * as z from "zod/mini";
import { TarReader } from "../layer/read-tar.ts";
import { checkSums } from "./checksums.ts";
import { checkClosure, Findings } from "./claims.ts";
import { ImageFile } from "./image-file.ts";
import { Descriptor, ImageConfig, LAYER_COMPRESSION, Manifest } from "./oci.ts";
import { ImageError, parseJson, readBytes } from "./read.ts";
import type { Report } from "./verify.ts";

const Index = z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(Descriptor) });

export async function verifyLayout(path: string): Promise<Report> {
  const findings = new Findings();
  // Only a layout that imgc wrote has checksums of what no digest names.
  if (existsSync(join(path, "SHA256SUMS"))) checkSums(findings, path, ["image.json", "index.json", "oci-layout"]);
  const index = parseJson(Index, readBytes(join(path, "index.json")), join(path, "index.json"));
  const report: Report = {
    form: "OCI layout",
    digests: [],
    layers: 0,
    paths: 0,
    size: 0,
    findings: findings.sentences,
  };
  for (const descriptor of index.manifests) {
    report.digests.push(descriptor.digest);
    const manifest = document(findings, path, descriptor, Manifest, "manifest");
    const config = document(findings, path, manifest.config, ImageConfig, "config");
    findings.same("diff ids in the config", config.rootfs.diff_ids.length, manifest.layers.length);
    const layers = [];
    for (const [i, layer] of manifest.layers.entries()) {
      const what = `layer ${i}`;
      const { diffId, size, storePaths } = await readLayer(findings, path, layer, what);
      findings.same(`${what}, diff id`, config.rootfs.diff_ids[i], diffId);
      report.size += size;
      layers.push({ name: what, paths: storePaths });
    }
    report.layers += layers.length;
    report.paths += layers.reduce((sum, layer) => sum + layer.paths.size, 0);
    checkPaths(findings, path, layers);
  }
  return report;
}

/** A layout that imgc wrote says what the closure is; of any other, only that no path is there twice can be known. */
function checkPaths(findings: Findings, path: string, layers: { name: string; paths: Set<string> }[]): void {
  const file = join(path, "image.json");
  const closure = existsSync(file)
    ? parseJson(ImageFile, readFileSync(file), file).closure
    : layers.flatMap(({ paths }) => [...paths].map((present) => ({ path: present, references: [] })));
  checkClosure(findings, closure, layers);
}

function document<S extends z.ZodMiniType>(
  findings: Findings,
  path: string,
  descriptor: Descriptor,
  schema: S,
  what: string,
): z.infer<S> {
  const bytes = readBytes(blobPath(path, descriptor.digest));
  findings.same(`${what}, digest`, descriptor.digest, `sha256:${createHash("sha256").update(bytes).digest("hex")}`);
  findings.same(`${what}, size`, descriptor.size, bytes.length);
  return parseJson(schema, bytes, what);
}

async function readLayer(findings: Findings, path: string, descriptor: Descriptor, what: string) {
  const algorithm = LAYER_COMPRESSION.get(descriptor.mediaType);
  if (algorithm === undefined)
    throw new ImageError(`${what} has the media type ${descriptor.mediaType}, not a layer's`);
  const packed = createHash("sha256");
  const diff = createHash("sha256");
  let packedSize = 0;
  let size = 0;
  const storePaths = new Set<string>();
  const tar = new TarReader(({ name }) => {
    const [, storePath] = /^(nix\/store\/[^/]+)/.exec(name) ?? [];
    if (storePath !== undefined) storePaths.add(`/${storePath}`);
  });
  const source = createReadStream(blobPath(path, descriptor.digest), { highWaterMark: 1 << 20 });
  try {
    await pipeline(
      source,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          packed.update(piece);
          packedSize += piece.length;
          yield piece;
        }
      },
      { none: () => new PassThrough(), gzip: () => createGunzip(), zstd: () => createZstdDecompress() }[algorithm](),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) {
          diff.update(piece);
          size += piece.length;
          tar.push(piece);
        }
      },
    );
    tar.end();
  } catch (error) {
    findings.add(`${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  findings.same(`${what}, digest`, descriptor.digest, `sha256:${packed.digest("hex")}`);
  findings.same(`${what}, size`, descriptor.size, packedSize);
  return { diffId: `sha256:${diff.digest("hex")}`, size, storePaths };
}

function blobPath(path: string, digest: string): string {
  return join(path, "blobs/sha256", digest.slice("sha256:".length));
}
