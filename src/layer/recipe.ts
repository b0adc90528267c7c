/**
 * A layer's recipe, the JSON file that a layer derivation writes: the layer's content, digests and sizes. The same bytes can be
 * made from a recipe at any time (stream.ts).
 */
import * as z from "zod/mini";
import { CAPABILITIES } from "../util/capabilities.ts";
import { Digest } from "../oci/digest-schema.ts";
import { COMPRESSIONS } from "../oci/media-types.ts";
import { formatVersion } from "./format-version.ts";
import { LAYER_VERSION } from "./layer-version.ts";
import { DEVICES } from "./tar.ts";

const AbsolutePath = z.string().check(z.regex(/^\//));
const Size = z.number().check(z.int(), z.nonnegative());
const Mode = z.number().check(z.int(), z.nonnegative(), z.lte(0o7777));
const Owner = { uid: Size, gid: Size };
const Capabilities = z.optional(z.array(z.enum(CAPABILITIES)));

/** Attributes of a foreign base's entry that stay when a rule writes the entry again. */
export const PreservedAttributes = z.strictObject({
  /** Seconds since the epoch, in the text of the base's layer. */
  mtime: z.string().check(z.regex(/^-?\d{1,15}(?:\.\d*)?$/)),
  /** Pax records of extended attributes, in base 64, since Nix cannot read strings with zero bytes. */
  records: z.optional(z.record(z.string(), z.string())),
});
export type PreservedAttributes = z.infer<typeof PreservedAttributes>;

const Common = { ...Owner, kept: z.optional(PreservedAttributes) };

/** A file or folder that is setuid, setgid or world-writable, except sticky folders. */
export const SpecialFile = z.strictObject({ path: z.string(), mode: Mode });
export type SpecialFile = z.infer<typeof SpecialFile>;

/** A file, folder or link of the image outside the store. `path` is absolute in the image. */
export const RootEntry = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("directory"), path: AbsolutePath, mode: Mode, ...Common }),
  z.strictObject({ kind: z.literal("link"), path: AbsolutePath, target: z.string(), ...Common }),
  z.strictObject({
    kind: z.literal("text"),
    path: AbsolutePath,
    text: z.string(),
    mode: Mode,
    capabilities: Capabilities,
    ...Common,
  }),
  // `mode` null: 0755 for folders and programs, 0644 for other files.
  z.strictObject({
    kind: z.literal("copy"),
    path: AbsolutePath,
    source: AbsolutePath,
    mode: z.nullable(Mode),
    /** The capabilities of each copied file. */
    capabilities: Capabilities,
    /** The path of a file with modes that override `mode` (modes.ts). */
    modes: z.optional(AbsolutePath),
    /** The path of an earlier entry that is the same file: this entry is a hard link to it. */
    sameAs: z.optional(AbsolutePath),
    ...Common,
  }),
  z.strictObject({
    kind: z.literal("device"),
    path: AbsolutePath,
    device: z.enum(DEVICES),
    major: Size,
    minor: Size,
    mode: Mode,
    ...Common,
  }),
  // A whiteout: hides the path in the layers below. An opaque one hides only the children of a folder.
  z.strictObject({ kind: z.literal("remove"), path: AbsolutePath, opaque: z.boolean() }),
]);
export type RootEntry = z.infer<typeof RootEntry>;

/** A rule for the names that a glob (util/glob.ts) matches. Null or missing attributes are left unchanged. */
export const Permission = z.strictObject({
  /** Matches absolute paths of the image. */
  glob: z.string(),
  mode: z.nullable(Mode),
  uid: z.nullable(Size),
  gid: z.nullable(Size),
  capabilities: Capabilities,
  /** The mode of folders, if it differs from `enterable(mode)`. */
  folderMode: z.optional(Mode),
});
export type Permission = z.infer<typeof Permission>;

export const Compression = z.strictObject({
  algorithm: z.enum(COMPRESSIONS),
  /** On the compressor's scale; null is its default. */
  level: z.nullable(z.number().check(z.int())),
  /** Whether the blob is zstd:chunked (chunked/writer.ts). */
  chunked: z.optional(z.literal(true)),
});
export type Compression = z.infer<typeof Compression>;

/** The blob of a layer made elsewhere, as a range of bytes in a file of the store. */
export const Blob = z.strictObject({ file: AbsolutePath, offset: Size, size: Size });
export type Blob = z.infer<typeof Blob>;

/** The content of a layer: store paths and files outside the store, both sorted, and rules for all of them. */
export const LayerContent = z.strictObject({
  paths: z.array(AbsolutePath),
  entries: z.array(RootEntry),
  permissions: z.array(Permission),
  /** The whole layer, if it was made elsewhere; `paths` lists the store paths in it. */
  blob: z.optional(Blob),
});
export type LayerContent = z.infer<typeof LayerContent>;

export const Layer = z.strictObject({
  version: formatVersion(LAYER_VERSION),
  /** The layer's name in history and listings: the name of the step that made it. */
  name: z.string(),
  content: LayerContent,
  /** The special files among the layer's entries. */
  special: z.array(SpecialFile),
  /** Digest and size in bytes of the uncompressed tar stream. */
  diffId: Digest,
  diffSize: Size,
  compression: Compression,
  /** The compressor and its version, which determine the compressed bytes together with the level; "none" for a blob. */
  compressor: z.string(),
  /** Digest and size in bytes of the registry's blob. */
  digest: Digest,
  size: Size,
  /** The annotations of the blob in a manifest. */
  annotations: z.optional(z.record(z.string(), z.string())),
  /** A file with the bytes of the registry's blob, if the build keeps them (`cache { blobs }`). */
  blobFile: z.optional(AbsolutePath),
});
export type Layer = z.infer<typeof Layer>;
