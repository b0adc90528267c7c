/**
 * Attaches a document to an image in a registry: an artifact whose subject is the image (image-spec 1.1, manifest.md),
 * and, since not every registry can list referrers, the tag that stands in for that (distribution-spec 1.1, "Referrers
 * Tag Schema").
 */
import * as z from "zod/mini";
import { Descriptor, descriptor, encode } from "../oci/documents.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import { startRegistry } from "../serve/server.ts";
import { fixedShelf } from "../serve/repositories.ts";
import type { Document, View } from "../serve/view.ts";
import { ToolError } from "../util/run-tool.ts";
import { copy, manifestAt, type CopyOptions } from "./copy.ts";
import { sha256 } from "../oci/digest.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../oci/media-types.ts";

const MANIFEST = MEDIA_TYPES.oci.manifest;
const EMPTY: Document = document("application/vnd.oci.empty.v1+json", Buffer.from("{}"));

const Index = z.object({ manifests: z.array(Descriptor) });

/** What is attached, and its type. */
export interface Attachment {
  mediaType: string;
  bytes: Buffer;
}

/** `name`: registry and repository, where the image is already. Gives the digest of what was attached. */
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
  // Older versions of skopeo write an index anew, so its digest is not promised.
  await send(view(image, document(INDEX_TYPE, index), []), `${name}:${tag}`, ["--multi-arch", "index-only"]);
  return artifact.manifest.digest;

  async function send(what: View, to: string, how: string[]): Promise<void> {
    const registry = await startRegistry(fixedShelf(what), pool);
    try {
      await copy(registry, what, to, options, how);
    } finally {
      await registry.close();
    }
  }
}

/** What is attached already. */
async function referrers(reference: string, options: CopyOptions): Promise<Descriptor[]> {
  const text = await manifestAt(reference, options);
  if (text === undefined) return [];
  const index = Index.safeParse(JSON.parse(text));
  if (index.success) return index.data.manifests;
  throw new ToolError(`${reference} should list what is attached to the image, and is no index`);
}

function view(image: View, manifest: Document, blobs: Document[]): View {
  return { ...image, manifest, blobs: new Map(blobs.map((blob) => [blob.digest, blob])) };
}

function document(mediaType: string, bytes: Buffer): Document {
  return { mediaType, digest: sha256(bytes), bytes };
}
