/** Writes OCI layouts from the bytes of their blobs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { sha256 } from "../src/oci/digest.ts";
import { encode } from "../src/oci/documents.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../src/oci/media-types.ts";
import { folder } from "./e2e/tools.ts";

interface LayerBlob {
  type: "none" | "gzip" | "zstd";
  bytes: Buffer;
  diffId?: string;
}

/** A layer whose blob is the compressed tar stream. */
export function packedLayer(type: LayerBlob["type"], tar: Buffer): LayerBlob {
  const pack = { none: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync }[type];
  return { type, bytes: pack(tar), diffId: sha256(tar) };
}

export class TestLayout {
  readonly path: string;

  constructor(path = folder()) {
    this.path = path;
  }

  blob(mediaType: string, bytes: Buffer) {
    const digest = sha256(bytes);
    this.write(`blobs/${digest.replace(":", "/")}`, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** Returns the descriptor of the image's manifest. `config` has further members of the config document. */
  image(layers: LayerBlob[] = [], config: object = {}) {
    const diffIds = layers.map(({ bytes, diffId }) => diffId ?? sha256(bytes));
    const platform = { os: "linux", architecture: "amd64" };
    const document = encode({ ...platform, rootfs: { type: "layers", diff_ids: diffIds }, ...config });
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.oci.manifest,
      config: this.blob(MEDIA_TYPES.oci.config, document),
      layers: layers.map(({ type, bytes }) => this.blob(MEDIA_TYPES.oci[type], bytes)),
    };
    return this.blob(MEDIA_TYPES.oci.manifest, encode(manifest));
  }

  index(manifests: object[]): this {
    this.write("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
    this.write("index.json", encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }));
    return this;
  }

  write(name: string, bytes: Buffer | string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), bytes);
  }
}
