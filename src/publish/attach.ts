/**
 * Attaches a document to an image in a registry: pushes an artifact whose subject is the image (image-spec 1.1,
 * manifest.md), and, for registries without a referrers API, adds it to the referrers tag (distribution-spec 1.1,
 * "Referrers Tag Schema").
 */
import * as z from "zod/mini";
import { Descriptor, descriptor, encode } from "../oci/documents.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import { startRegistry } from "../serve/server.ts";
import { fixedRepositories } from "../serve/repositories.ts";
import type { Document, View } from "../serve/view.ts";
import { ToolError } from "../util/run-tool.ts";
import { copy, type CopyOptions } from "./copy.ts";
import { manifestAt } from "../registry/manifest.ts";
import { sha256 } from "../oci/digest.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../oci/media-types.ts";

const MANIFEST = MEDIA_TYPES.oci.manifest;
const EMPTY: Document = document("application/vnd.oci.empty.v1+json", Buffer.from("{}"));

const Index = z.object({ manifests: z.array(Descriptor) });

/** A document to attach. */
export interface Attachment {
  mediaType: string;
  bytes: Buffer;
}

/**
 * `name`: the repository of the image, with its registry; the image must already be there. Returns the digest of the
 * artifact's manifest.
 */
export async function attach(
  image: View,
  { mediaType, bytes }: Attachment,
  name: string,
  { pool, ...options }: CopyOptions & { pool: LayerPool },
): Promise<string> {
  const attached = document(mediaType, bytes);
  const manifest = encode({
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: mediaType,
    config: descriptor(EMPTY.mediaType, EMPTY.bytes),
    layers: [descriptor(mediaType, bytes)],
    subject: descriptor(image.manifest.mediaType, image.manifest.bytes),
  });
  const artifact = view(image, document(MANIFEST, manifest), [EMPTY, attached]);
  await send(artifact, `${name}@${artifact.manifest.digest}`, ["--preserve-digests"]);

  const tag = image.manifest.digest.replace(":", "-");
  const others = (await referrers(`${name}:${tag}`, options)).filter(
    ({ digest }) => digest !== artifact.manifest.digest,
  );
  const own = { ...descriptor(MANIFEST, manifest), artifactType: mediaType };
  const index = encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [...others, own] });
  // Without `--preserve-digests`, since older versions of skopeo rewrite an index, which may change its digest.
  await send(view(image, document(INDEX_TYPE, index), []), `${name}:${tag}`, ["--multi-arch", "index-only"]);
  return artifact.manifest.digest;

  async function send(content: View, to: string, flags: string[]): Promise<void> {
    await using registry = await startRegistry(fixedRepositories(content), pool);
    await copy(registry, content, to, options, flags);
  }
}

/** The artifacts that the referrers tag already lists. */
async function referrers(reference: string, options: CopyOptions): Promise<Descriptor[]> {
  const text = await manifestAt(reference, options);
  if (text === undefined) return [];
  const index = Index.safeParse(JSON.parse(text));
  if (index.success) return index.data.manifests;
  throw new ToolError(`${reference} should be an index of the image's attached documents, but is not an index`);
}

function view(image: View, manifest: Document, blobs: Document[]): View {
  return { ...image, manifest, blobs: new Map(blobs.map((blob) => [blob.digest, blob])) };
}

function document(mediaType: string, bytes: Buffer): Document {
  return { mediaType, digest: sha256(bytes), bytes };
}
