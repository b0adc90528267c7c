/** Media types of OCI image-spec v1 (media-types.md), and of Docker's schema 2 version 2. */

export const MEDIA_TYPES = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    none: "application/vnd.oci.image.layer.v1.tar",
    gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
    zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    none: "application/vnd.docker.image.rootfs.diff.tar",
    gzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
    // Not specified, and not supported by every client: imgc reads this type, but never writes it.
    zstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
  },
} as const;

export type ManifestKind = keyof typeof MEDIA_TYPES;

/** The compressions of layers that have a media type. */
export const COMPRESSIONS = ["none", "gzip", "zstd"] as const;
type Compression = (typeof COMPRESSIONS)[number];

/** The media types of indexes: image-spec, image-index.md; Docker's manifest list. */
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
export const INDEX_TYPES = [INDEX_TYPE, "application/vnd.docker.distribution.manifest.list.v2+json"];
export const CONFIG_TYPES: string[] = [MEDIA_TYPES.oci.config, MEDIA_TYPES.docker.config];

/** The compression of each media type of layers. */
export const LAYER_COMPRESSION = new Map(
  Object.values(MEDIA_TYPES).flatMap((types) =>
    COMPRESSIONS.map((algorithm): [mediaType: string, algorithm: Compression] => [types[algorithm], algorithm]),
  ),
);

export function isManifestType(mediaType: string): boolean {
  return Object.values(MEDIA_TYPES).some(({ manifest }) => manifest === mediaType);
}
