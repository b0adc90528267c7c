/** An image as `imgc diff` looks at it, wherever it lies: its layers, and their bytes for who wants to look inside. */
import * as z from "zod/mini";
import type { Files } from "../image/files.ts";
import { Descriptor, ImageConfig, LAYER_COMPRESSION, Manifest, ownLayers, sha256 } from "../image/oci.ts";
import { ImageError, parseJson, type ImageDirectory } from "../image/read.ts";
import { plainBytes, unpack } from "../layer/bytes.ts";

export interface Side {
  /** The manifest's digest. */
  digest: string;
  /** Bytes of manifest and config. */
  documents: number;
  /** Deepest first. */
  layers: SideLayer[];
}

export interface SideLayer {
  name: string;
  /** What a registry knows the layer by, and its bytes there. */
  digest: string;
  size: number;
  /** The tar stream. Pieces are valid until the next is asked for. */
  stream: () => AsyncIterable<Buffer> | Iterable<Buffer>;
}

export function sideOfDirectory({ manifestBytes, configBytes, layers, root }: ImageDirectory): Side {
  return {
    digest: sha256(manifestBytes),
    documents: manifestBytes.length + configBytes.length,
    layers: layers.map(({ name, digest, size, content, compression }) => ({
      name,
      digest,
      size,
      stream: () => plainBytes(content, compression, root),
    })),
  };
}

const Index = z.looseObject({ manifests: z.array(Descriptor) });

/** `where`: for messages. An index of several images is none that could be compared. */
export function sideOfLayout(files: Files, where: string): Side {
  const read = <S extends z.ZodMiniType>(schema: S, name: string) =>
    parseJson(schema, files.read(name), files.where(name));
  const { manifests } = read(Index, "index.json");
  const [described, ...others] = manifests;
  if (described === undefined || others.length > 0) {
    throw new ImageError(`${where} has ${manifests.length} images; one is compared with one`);
  }
  const manifest = read(Manifest, blobName(described.digest));
  const own = ownLayers(read(ImageConfig, blobName(manifest.config.digest)));
  return {
    digest: described.digest,
    documents: described.size + manifest.config.size,
    layers: manifest.layers.map(({ digest, size, mediaType }, i) => {
      const algorithm = LAYER_COMPRESSION.get(mediaType) ?? "none";
      const name = own.get(i) ?? `layer ${i}`;
      return { name, digest, size, stream: () => unpack(files.stream(blobName(digest)), { algorithm }) };
    }),
  };
}

function blobName(digest: string): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}
