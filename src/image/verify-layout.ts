/** Verifies an OCI image layout (image-spec, image-layout.md), whoever wrote it, as a folder or in an archive. */
import * as z from "zod/mini";
import type { Findings } from "./claims.ts";
import type { Files } from "./files.ts";
import type { ImageFile } from "./image-file.ts";
import {
  blobName,
  CONFIG_TYPES,
  Descriptor,
  ImageConfig,
  INDEX_TYPES,
  LAYER_COMPRESSION,
  Manifest,
  sha256,
} from "./oci.ts";
import { ImageError, parseJson } from "./read.ts";
import { beginReport, verifyImage } from "./verify-blobs.ts";
import type { Report, VerifyOptions } from "./verify.ts";

const Index = z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(Descriptor) });
const Marker = z.looseObject({ imageLayoutVersion: z.literal("1.0.0") });
export async function verifyLayout(form: string, files: Files, options: VerifyOptions): Promise<Report> {
  const { findings, report, file } = beginReport(form, files, ["index.json", "oci-layout"]);
  parseJson(Marker, files.read("oci-layout"), files.where("oci-layout"));
  const index = parseJson(Index, files.read("index.json"), files.where("index.json"));
  await verifyManifests(findings, report, files, { manifests: index.manifests, file }, options);
  return report;
}

async function verifyManifests(
  findings: Findings,
  report: Report,
  files: Files,
  { manifests, file }: { manifests: Descriptor[]; file: ImageFile | undefined },
  options: VerifyOptions,
  seen = new Set<string>(),
): Promise<void> {
  for (const described of manifests) {
    if (INDEX_TYPES.includes(described.mediaType)) {
      // One that lies about its digest may name itself.
      if (seen.has(described.digest)) continue;
      seen.add(described.digest);
      const inner = document(findings, files, described, Index, "index").manifests;
      await verifyManifests(findings, report, files, { manifests: inner, file }, options, seen);
      continue;
    }
    report.digests.push(described.digest);
    const manifest = document(findings, files, described, Manifest, "manifest");
    if (manifest.mediaType !== undefined) {
      findings.same("manifest, media type in the index", described.mediaType, manifest.mediaType);
    }
    // What is attached to an image (a bill of materials, a signature) is a manifest as well.
    if (!CONFIG_TYPES.includes(manifest.config.mediaType)) {
      for (const blob of [manifest.config, ...manifest.layers]) document(findings, files, blob, z.unknown(), "blob");
      continue;
    }
    const config = document(findings, files, manifest.config, ImageConfig, "config");
    const layers = manifest.layers.map(({ mediaType, digest, size }, i) => {
      const algorithm = LAYER_COMPRESSION.get(mediaType);
      if (algorithm === undefined)
        throw new ImageError(`layer ${i + 1} has the media type ${mediaType}, not a layer's`);
      return { name: blobName(digest), algorithm, digest, size };
    });
    await verifyImage(findings, report, files, { config, layers, file }, options);
  }
}

function document<S extends z.ZodMiniType>(
  findings: Findings,
  files: Files,
  { digest, size }: Descriptor,
  schema: S,
  what: string,
): z.infer<S> {
  const bytes = files.read(blobName(digest));
  findings.same(`${what}, digest`, digest, sha256(bytes));
  findings.same(`${what}, size`, size, bytes.length);
  return parseJson(schema, bytes, `the ${what} ${files.where(blobName(digest))}`);
}
