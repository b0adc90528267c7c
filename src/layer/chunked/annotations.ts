/** The annotations of a zstd:chunked layer in a manifest: clients find the table of contents with them. */

/** The digest, and `OFFSET:LENGTH:UNCOMPRESSED LENGTH:TYPE`, of the compressed table of contents. */
export const TOC_DIGEST = "io.github.containers.zstd-chunked.manifest-checksum";
export const TOC_POSITION = "io.github.containers.zstd-chunked.manifest-position";
/** `OFFSET:LENGTH:UNCOMPRESSED LENGTH` of the compressed tar-split. */
const TAR_SPLIT_POSITION = "io.github.containers.zstd-chunked.tarsplit-position";
/** The names that Podman 4.3 reads. */
const OLD_NAMES = [
  [TOC_DIGEST, "io.containers.zstd-chunked.manifest-checksum"],
  [TOC_POSITION, "io.containers.zstd-chunked.manifest-position"],
] as const;

/** The kind of table of contents, CRFS. */
export const TOC_TYPE = 1;

/** The place of compressed data in a blob, in bytes. */
export interface Part {
  offset: number;
  length: number;
  /** Without compression. */
  plainLength: number;
}

export interface ChunkedParts {
  tocDigest: string;
  toc: Part;
  tarSplit: Part;
}

export function chunkedAnnotations({ tocDigest, toc, tarSplit }: ChunkedParts): Record<string, string> {
  const text = ({ offset, length, plainLength }: Part) => `${offset}:${length}:${plainLength}`;
  const current = {
    [TOC_DIGEST]: tocDigest,
    [TOC_POSITION]: `${text(toc)}:${TOC_TYPE}`,
    [TAR_SPLIT_POSITION]: text(tarSplit),
  };
  return { ...current, ...Object.fromEntries(OLD_NAMES.map(([name, old]) => [old, current[name] ?? ""])) };
}

/** Undefined if the annotations are not those of a zstd:chunked layer with a tar-split. */
export function parseChunkedAnnotations(annotations: Record<string, string>): ChunkedParts | undefined {
  const digest = annotations[TOC_DIGEST];
  const [toc, type] = part(annotations[TOC_POSITION]);
  const [tarSplit] = part(annotations[TAR_SPLIT_POSITION]);
  if (digest === undefined || toc === undefined || tarSplit === undefined || type !== String(TOC_TYPE))
    return undefined;
  return { tocDigest: digest, toc, tarSplit };
}

function part(text = ""): [Part | undefined, string | undefined] {
  const [, offset, length, plainLength, type] = /^(\d{1,15}):(\d{1,15}):(\d{1,15})(?::(\d+))?$/.exec(text) ?? [];
  if (offset === undefined) return [undefined, undefined];
  return [{ offset: Number(offset), length: Number(length), plainLength: Number(plainLength) }, type];
}
