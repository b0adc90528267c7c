/** The tags of indexes. */
import { sha256, toHex } from "../oci/digest.ts";
import type { ImageDirectory } from "./image-directory.ts";
import { encodeIndex, indexPart } from "./index-entries.ts";

/** The tag of an index: a prefix of the index's digest if the first image's tag is a prefix of its manifest's digest. */
export function indexTag(bytes: Buffer, [first]: ImageDirectory[]): string {
  return first === undefined
    ? ""
    : tagOfIndex(sha256(bytes), { tag: first.file.tag, digest: sha256(first.manifestBytes) });
}

/** The default tag of the images of one index: that of the index, or of the only image. */
export function defaultTag(images: ImageDirectory[]): string {
  const [first, ...others] = images as [ImageDirectory];
  return others.length === 0 ? first.file.tag : indexTag(encodeIndex(images.map(indexPart)), images);
}

/** `first`: the tag of the first image, and the digest of its manifest. */
export function tagOfIndex(index: string, first: { tag: string; digest: string }): string {
  const hash = (digest: string) => toHex(digest).slice(0, 32);
  return hash(first.digest) === first.tag ? hash(index) : first.tag;
}
