/**
 * Attaches a document to an image in a registry: pushes an artifact whose subject is the image (image-spec 1.1,
 * manifest.md), and, for registries without a referrers API, adds it to the referrers tag (distribution-spec 1.1,
 * "Referrers Tag Schema").
 */
import { descriptor, encode, type Descriptor } from "../oci/documents.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import { startRegistry } from "../serve/server.ts";
import { fixedRepositories } from "../serve/repositories.ts";
import type { Document, View } from "../serve/view.ts";
import { copy, type CopyOptions } from "./copy.ts";
import { fromTag, referrersTag } from "../registry/referrers.ts";
import { sha256 } from "../oci/digest.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../oci/media-types.ts";

const MANIFEST = MEDIA_TYPES.oci.manifest;
const EMPTY: Document = document("application/vnd.oci.empty.v1+json", Buffer.from("{}"));

/** A document to attach. */
export interface Attachment {
  mediaType: string;
  bytes: Buffer;
  /** Annotations of the artifact, and of its entry in the referrers tag. */
  annotations?: Record<string, string>;
}

export interface AttachOptions extends CopyOptions {
  pool: LayerPool;
}

/**
 * `name`: the repository of the image, with its registry; the image must already be there. Returns the digest of the
 * artifact's manifest.
 */
export async function attach(
  image: View,
  { mediaType, bytes, annotations }: Attachment,
  name: string,
  options: AttachOptions,
): Promise<string> {
  const manifest = encode({
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: mediaType,
    config: descriptor(EMPTY.mediaType, EMPTY.bytes),
    layers: [descriptor(mediaType, bytes)],
    subject: descriptor(image.manifest.mediaType, image.manifest.bytes),
    ...(annotations === undefined ? {} : { annotations }),
  });
  const artifact = view(image, document(MANIFEST, manifest), [EMPTY, document(mediaType, bytes)]);
  await send(artifact, `${name}@${artifact.manifest.digest}`, PRESERVE, options);

  const { digest } = image.manifest;
  const others = (await fromTag(name, digest, options)).filter((each) => each.digest !== artifact.manifest.digest);
  const own = { ...descriptor(MANIFEST, manifest), artifactType: mediaType, ...(annotations && { annotations }) };
  const index = encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [...others, own] });
  // Without `--preserve-digests`, since older versions of skopeo rewrite an index, which may change its digest.
  const flags = ["--multi-arch", "index-only"];
  await send(view(image, document(INDEX_TYPE, index), []), `${name}:${referrersTag(digest)}`, flags, options);
  return artifact.manifest.digest;
}

/** A layer of an artifact that is found by a tag. */
export interface TaggedLayer {
  described: Descriptor;
  bytes: Buffer;
}

/**
 * Writes an artifact under a tag, in the form of cosign 2: an image whose layers are documents. `image`: the signed image.
 */
export async function writeTagged(
  image: View,
  layers: TaggedLayer[],
  reference: string,
  options: AttachOptions,
): Promise<void> {
  const diffIds = layers.map(({ described }) => described.digest);
  const config = encode({ architecture: "", os: "", config: {}, rootfs: { type: "layers", diff_ids: diffIds } });
  const { config: configType, manifest: mediaType } = MEDIA_TYPES.oci;
  const manifest = encode({
    schemaVersion: 2,
    mediaType,
    config: descriptor(configType, config),
    layers: layers.map(({ described }) => described),
  });
  const blobs = [
    document(configType, config),
    ...layers.map(({ described, bytes }) => document(described.mediaType, bytes)),
  ];
  await send(view(image, document(mediaType, manifest), blobs), reference, PRESERVE, options);
}

const PRESERVE = ["--preserve-digests"];

async function send(content: View, to: string, flags: string[], { pool, ...options }: AttachOptions): Promise<void> {
  await using registry = await startRegistry(fixedRepositories(content), pool);
  await copy(registry, content, to, options, flags);
}

function view(image: View, manifest: Document, blobs: Document[]): View {
  return { ...image, manifest, parts: [], blobs: new Map(blobs.map((blob) => [blob.digest, blob])) };
}

function document(mediaType: string, bytes: Buffer): Document {
  return { mediaType, digest: sha256(bytes), bytes };
}
