/**
 * What a layer is made of, and what its bytes are: the file a layer derivation writes and everything else reads. From a
 * recipe the same bytes can be made again at any time (`stream.ts`).
 */
import * as z from "zod/mini";
import { CAPABILITIES } from "../util/capabilities.ts";
import { formatVersion } from "./format-version.ts";
import { Permission } from "./permissions.ts";
import { DEVICES } from "./tar.ts";

export const Digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const AbsolutePath = z.string().check(z.regex(/^\//));
const Size = z.number().check(z.int(), z.nonnegative());
const Mode = z.number().check(z.int(), z.nonnegative(), z.lte(0o7777));
const Owner = { uid: Size, gid: Size };
const Capabilities = z.optional(z.array(z.enum(CAPABILITIES)));

/** Attributes of a foreign base's entry that stay when a rule writes the entry again. */
export const Kept = z.strictObject({
  /** Seconds since the epoch, as the base's layer has them. */
  mtime: z.string().check(z.regex(/^-?\d{1,15}(?:\.\d*)?$/)),
  /** Pax records of extended attributes, read as Latin-1. */
  records: z.optional(z.record(z.string(), z.string())),
});
export type Kept = z.infer<typeof Kept>;

const Common = { ...Owner, kept: z.optional(Kept) };

/** One file of the image outside the store. `path` is absolute in the image. */
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
  // `mode` null: as the source has it, and writable by its owner as `cp` would leave it.
  z.strictObject({
    kind: z.literal("copy"),
    path: AbsolutePath,
    source: AbsolutePath,
    mode: z.nullable(Mode),
    /** The capabilities of each file. */
    capabilities: Capabilities,
    /** A file beside the source with the modes that neither the source nor `mode` gives: see modes.ts. */
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

export const Compression = z.strictObject({
  algorithm: z.enum(["none", "gzip", "zstd"]),
  /** The compressor's own scale; null is its default. */
  level: z.nullable(z.number().check(z.int())),
});
export type Compression = z.infer<typeof Compression>;

/** Bytes of a file of the store: what a registry holds of a layer that was made elsewhere. */
export const Blob = z.strictObject({ file: AbsolutePath, offset: Size, size: Size });
export type Blob = z.infer<typeof Blob>;

/** The content of a layer: whole store paths and files outside the store, both sorted, and rules for all of them. */
export const LayerContent = z.strictObject({
  paths: z.array(AbsolutePath),
  entries: z.array(RootEntry),
  permissions: z.array(Permission),
  /** Where this is there, it is the whole layer, and `paths` are the store paths that are in it. */
  blob: z.optional(Blob),
});
export type LayerContent = z.infer<typeof LayerContent>;

/** A recipe's format version: it changes when the same content would give other bytes. */
export const LAYER_VERSION = 1;

export const Layer = z.strictObject({
  version: formatVersion(LAYER_VERSION),
  /** What the layer is called in history and listings: the step that made it. */
  name: z.string(),
  content: LayerContent,
  /** Entries that are setuid, setgid or, but for sticky folders, writable by everyone. */
  special: z.array(z.strictObject({ path: z.string(), mode: Mode })),
  /** Digest and bytes of the uncompressed tar stream. */
  diffId: Digest,
  diffSize: Size,
  compression: Compression,
  /** The compressor and its version, which with the level decide the compressed bytes; "none" for a blob. */
  compressor: z.string(),
  /** Digest and bytes of what a registry holds. */
  digest: Digest,
  size: Size,
});
export type Layer = z.infer<typeof Layer>;
