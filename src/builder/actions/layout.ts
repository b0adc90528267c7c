/** The `oci` output: an OCI image layout in which each layer's blob is a link to another derivation. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { indexLayoutDocuments, layoutDocuments } from "../../image/export.ts";
import { isIndexDirectory, readIndexDirectory } from "../../image/index-directory.ts";
import { platformsOf } from "../../image/index-entries.ts";
import { indexTag } from "../../image/index-tag.ts";
import { readImageDirectory, type ImageDirectory } from "../../image/image-directory.ts";
import { INDEX_TYPE } from "../../oci/media-types.ts";
import { attributes } from "../attributes.ts";
import { phase } from "../derivation.ts";
import { toHex, sha256 } from "../../oci/digest.ts";

const Attributes = z.object({
  image: z.string(),
  /** Folders of layers, each file named after its digest. */
  blobs: z.array(z.string()),
});

export function layout(): void {
  const { image, blobs, out } = attributes(Attributes);
  phase("writing the layout");
  const { documents, own, layers } = isIndexDirectory(image) ? ofIndex(image) : ofImage(image);
  const folder = join(out, "blobs/sha256");
  mkdirSync(folder, { recursive: true });
  for (const bytes of own) writeFileSync(join(folder, toHex(sha256(bytes))), bytes);
  const digests = new Map(blobs.flatMap((each) => readdirSync(each).map((digest) => [digest, basename(each)])));
  for (const [digest, from] of digests) {
    // A base or a layer without entries may have more blobs than the manifest lists.
    if (!layers.has(`sha256:${digest}`)) continue;
    symlinkSync(`../../../${from}/${digest}`, join(folder, digest));
  }
  for (const [name, bytes] of documents) writeFileSync(join(out, name), bytes);
}

/** The parts of a layout other than layers. */
interface Parts {
  /** Files at the top of the layout, by name. */
  documents: Map<string, Buffer>;
  /** Blobs that are manifests, configs or indexes. */
  own: Buffer[];
  /** The digests of the layers' blobs. */
  layers: Set<string>;
}

function ofImage(image: string): Parts {
  const { file, manifest, manifestBytes, configBytes } = readImageDirectory(image);
  return {
    documents: layoutDocuments([{ file, mediaType: manifest.mediaType ?? "", manifest: manifestBytes }]),
    own: [manifestBytes, configBytes],
    layers: new Set(manifest.layers.map(({ digest }) => digest)),
  };
}

function ofIndex(image: string): Parts {
  const { bytes, parts, images } = readIndexDirectory(image);
  const { file } = images[0] as ImageDirectory;
  const named = { ...file, tag: indexTag(bytes, images) };
  const isOne = platformsOf(parts).length === 1;
  return {
    // The forms of an image for one platform share a description.
    documents: isOne
      ? layoutDocuments([{ file: named, mediaType: INDEX_TYPE, manifest: bytes }])
      : indexLayoutDocuments(named, bytes),
    own: [bytes, ...images.flatMap(({ manifestBytes, configBytes }) => [manifestBytes, configBytes])],
    layers: new Set(images.flatMap(({ manifest }) => manifest.layers.map(({ digest }) => digest))),
  };
}
