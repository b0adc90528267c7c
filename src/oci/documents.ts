/** The documents of an image: OCI image-spec v1, and Docker's image manifest version 2, schema 2. */
import * as z from "zod/mini";
import { sha256 } from "./digest.ts";
import { Digest } from "./digest-schema.ts";
import { CONFIG_TYPES, MEDIA_TYPES } from "./media-types.ts";

/** Limit of a manifest, an index or a config in bytes; other clients limit these as well. */
export const MAX_DOCUMENT = 4 << 20;

export const Descriptor = z.looseObject({
  mediaType: z.string(),
  digest: Digest,
  size: z.number().check(z.int(), z.nonnegative()),
  annotations: z.optional(z.record(z.string(), z.string())),
});
export type Descriptor = z.infer<typeof Descriptor>;

/** image-spec, manifest.md; Docker's manifest has the same fields. */
export const Manifest = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  config: Descriptor,
  layers: z.array(Descriptor),
});
export type Manifest = z.infer<typeof Manifest>;

/** image-spec, config.md: the `config` part, with the specification's names. */
export const RunConfig = z.looseObject({
  Entrypoint: z.optional(z.nullable(z.array(z.string()))),
  Cmd: z.optional(z.nullable(z.array(z.string()))),
  Env: z.optional(z.nullable(z.array(z.string()))),
  User: z.optional(z.string()),
  WorkingDir: z.optional(z.string()),
});
export type RunConfig = z.infer<typeof RunConfig>;

/** image-spec, config.md: the step that made a layer, or a step without a layer. */
export const HistoryStep = z.looseObject({
  created: z.optional(z.nullable(z.string())),
  created_by: z.optional(z.string()),
  comment: z.optional(z.string()),
  empty_layer: z.optional(z.boolean()),
});
export type HistoryStep = z.infer<typeof HistoryStep>;

export const ImageConfig = z.looseObject({
  created: z.optional(z.nullable(z.string())),
  architecture: z.string(),
  os: z.string(),
  // Some writers set missing properties to `null`.
  config: z.optional(
    z.pipe(
      z.nullable(RunConfig),
      z.transform((value) => value ?? undefined),
    ),
  ),
  history: z.optional(
    z.pipe(
      z.nullable(z.array(HistoryStep)),
      z.transform((value) => value ?? undefined),
    ),
  ),
  rootfs: z.strictObject({ type: z.literal("layers"), diff_ids: z.array(Digest) }),
});
export type ImageConfig = z.infer<typeof ImageConfig>;

/** A platform (image-spec, image-index.md). */
export const Platform = z.strictObject({ os: z.string(), architecture: z.string(), variant: z.optional(z.string()) });
export type Platform = z.infer<typeof Platform>;

/** image-spec, image-index.md. Platforms of other tools may have more fields. */
export const Index = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  manifests: z.array(z.extend(Descriptor, { platform: z.optional(z.looseObject(Platform.shape)) })),
});
export type Index = z.infer<typeof Index>;
export type Described = Index["manifests"][number];

/** The name of a blob in a layout (image-spec, image-layout.md). */
export function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/**
 * Whether a manifest is an image. Artifacts that are attached to an image, such as signatures, have manifests as well.
 * BuildKit's attestations even have an image's config, but the platform `unknown`.
 */
export function isImage({ config }: Manifest, { platform }: Described): boolean {
  return CONFIG_TYPES.includes(config.mediaType) && platform?.os !== "unknown";
}

/** A finding for each unknown media type, and for each type of another kind than the manifest's. */
export function checkMediaTypes({ mediaType, config, layers }: Manifest): string[] {
  const types = Object.values(MEDIA_TYPES).find(({ manifest }) => manifest === mediaType);
  if (types === undefined) return [`the manifest has the media type ${mediaType}, which is not an image manifest's`];
  const { none, gzip, zstd } = types;
  const known: string[] = [none, gzip, zstd];
  return [
    ...(config.mediaType === types.config ? [] : [`the config has the media type ${config.mediaType}`]),
    ...layers.flatMap((layer, i) =>
      known.includes(layer.mediaType) ? [] : [`layer ${i + 1} has the media type ${layer.mediaType}`],
    ),
  ].map((sentence) => `${sentence}, which does not belong to a manifest of ${mediaType}`);
}

export function descriptor(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

/** The bytes of a document, of which its digest is computed. */
export function encode(document: object): Buffer {
  return Buffer.from(`${JSON.stringify(document)}\n`);
}
