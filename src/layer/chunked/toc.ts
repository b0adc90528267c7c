/** The table of contents of a zstd:chunked layer, with the names of containers/storage. Builders only import the types. */
import * as z from "zod/mini";

const Text = z.optional(z.string());
const Size = z.optional(z.number().check(z.int(), z.nonnegative()));

export const TocEntry = z.looseObject({
  type: z.string(),
  name: z.string(),
  linkName: Text,
  mode: Size,
  size: Size,
  uid: Size,
  gid: Size,
  modtime: Text,
  accesstime: Text,
  changetime: Text,
  devMajor: Size,
  devMinor: Size,
  xattrs: z.optional(z.record(z.string(), z.string())),
  /** The digest of a file's content; missing if the file is empty. */
  digest: Text,
  /** The offset in the blob of the frame with which the chunk starts, and the end of the file's last frame. */
  offset: Size,
  endOffset: Size,
  /** Of the chunk; missing if the file has a single chunk. */
  chunkSize: Size,
  chunkOffset: Size,
  chunkDigest: Text,
  chunkType: Text,
});
export type TocEntry = z.infer<typeof TocEntry>;

export const Toc = z.looseObject({
  version: z.literal(1),
  entries: z.array(TocEntry),
  /** The digest of the compressed tar-split. */
  tarSplitDigest: Text,
});
export type Toc = z.infer<typeof Toc>;
