/** Verifies an OCI image layout (image-spec, image-layout.md), whoever wrote it, as a folder or in an archive. */
import * as z from "zod/mini";
import type { Findings } from "./claims.ts";
import { namingIndex } from "./export.ts";
import type { Files } from "./files.ts";
import type { ImageFile } from "./image-file.ts";
import {
  blobName,
  checkMediaTypes,
  type Described,
  type Descriptor,
  ImageConfig,
  Index,
  INDEX_TYPES,
  isImage,
  isManifestType,
  LAYER_COMPRESSION,
  Manifest,
  type Platform,
  sha256,
} from "./oci.ts";
import { platformName, platformOf } from "./platform.ts";
import { ImageError, parseJson } from "./read.ts";
import { beginReport, verifyImage } from "./verify-blobs.ts";
import type { Report, VerifyOptions } from "./verify.ts";

const Marker = z.looseObject({ imageLayoutVersion: z.literal("1.0.0") });

export async function verifyLayout(form: string, files: Files, options: VerifyOptions): Promise<Report> {
  const { findings, report, file } = beginReport(form, files, ["index.json", "oci-layout"]);
  parseJson(Marker, files.read("oci-layout"), files.where("oci-layout"));
  const index = parseJson(Index, files.read("index.json"), files.where("index.json"));
  const { mediaType, manifests } = index;
  if (mediaType !== undefined && !INDEX_TYPES.includes(mediaType))
    findings.add(`index.json has the media type ${mediaType}, which no index has`);
  await verifyManifests(findings, report, files, { manifests, file }, options);
  if (file !== undefined) checkNaming(findings, files, manifests[0], file);
  return report;
}

/** The index of a layout of ours says nothing but which image it is. */
function checkNaming(findings: Findings, files: Files, described: Descriptor | undefined, file: ImageFile): void {
  if (described === undefined) return findings.add("index.json leads to no image");
  const { mediaType, digest } = described;
  const right = namingIndex(file, mediaType, files.read(blobName(digest)));
  if (right.equals(files.read("index.json"))) return;
  findings.add(`index.json is not what leads to ${file.name}:${file.tag}, which would be ${right.toString().trim()}`);
}

async function verifyManifests(
  findings: Findings,
  report: Report,
  files: Files,
  { manifests, file }: { manifests: Described[]; file: ImageFile | undefined },
  options: VerifyOptions,
  seen = new Set<string>(),
): Promise<void> {
  for (const described of manifests) {
    if (INDEX_TYPES.includes(described.mediaType)) {
      // One that lies about its digest may name itself.
      if (seen.has(described.digest)) continue;
      seen.add(described.digest);
      const inner = document(findings, files, described, Index, "index");
      const { mediaType = described.mediaType, manifests: parts } = inner;
      findings.same("index, media type in the index", described.mediaType, mediaType);
      await verifyManifests(findings, report, files, { manifests: parts, file }, options, seen);
      continue;
    }
    report.digests.push(described.digest);
    const manifest = document(findings, files, described, Manifest, "manifest");
    const { mediaType = described.mediaType } = manifest;
    findings.same("manifest, media type in the index", described.mediaType, mediaType);
    if (!isImage(manifest, described)) {
      for (const blob of [manifest.config, ...manifest.layers]) document(findings, files, blob, z.unknown(), "blob");
      continue;
    }
    const sentences = checkMediaTypes({ ...manifest, mediaType });
    // Other tools mix Docker's types of layers with OCI's, and every client takes them.
    if (file !== undefined || !isManifestType(mediaType)) for (const sentence of sentences) findings.add(sentence);
    const config = document(findings, files, manifest.config, ImageConfig, "config");
    checkPlatform(findings, described, config);
    const layers = manifest.layers.map(({ mediaType: type, digest, size }, i) => {
      const algorithm = LAYER_COMPRESSION.get(type);
      if (algorithm === undefined) throw new ImageError(`layer ${i + 1} has the media type ${type}, not a layer's`);
      return { name: blobName(digest), algorithm, digest, size };
    });
    await verifyImage(findings, report, files, { config, layers, file }, options);
  }
}

/** A client chooses by what the index says. */
function checkPlatform(findings: Findings, { platform }: Described, config: ImageConfig): void {
  if (platform === undefined) return;
  const computed = platformOf(config);
  // Where only one of them says the variant, they do not contradict each other.
  const isSaid = platform.variant !== undefined && computed.variant !== undefined;
  const name = ({ os, architecture, variant }: Platform) =>
    platformName({ os, architecture, ...(isSaid ? { variant } : {}) });
  findings.same("platform in the index", name(platform), name(computed));
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
