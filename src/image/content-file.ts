/** The content derivation's output: an image's files outside the store, users and config. */
import * as z from "zod/mini";
import { RootEntry, Permission, SpecialFile } from "../layer/recipe.ts";
import { HistoryStep, RunConfig } from "../oci/documents.ts";
import { EnvExtension } from "../oci/run-config.ts";

/** A line of /etc/passwd, and the user's groups except the primary group. */
export const User = z.strictObject({
  name: z.string(),
  uid: z.number(),
  gid: z.number(),
  home: z.string(),
  shell: z.string(),
  groups: z.array(z.string()),
});
export type User = z.infer<typeof User>;

/** A package's output that is linked at `/`. If two outputs have a file at the same path, the lower priority number wins. */
export const LinkedPackage = z.object({ path: z.string(), priority: z.number() });
export type LinkedPackage = z.infer<typeof LinkedPackage>;

/** The settings of one image, which are merged with the config of its base. */
export const OwnSettings = z.strictObject({ config: RunConfig, extendedEnv: z.array(EnvExtension) });
export type OwnSettings = z.infer<typeof OwnSettings>;

export const FileCount = z.strictObject({ files: z.number(), bytes: z.number() });
export type FileCount = z.infer<typeof FileCount>;

export const ContentFile = z.strictObject({
  version: z.literal(1),
  /** The entries that the image adds to its base, sorted by path. */
  entries: z.array(RootEntry),
  /** The base's entries, overridden by this image's, sorted by path. */
  root: z.array(RootEntry),
  /** Packages linked at `/`, the base's first. */
  packages: z.array(LinkedPackage),
  /** The paths that this image and its bases removed from their bases. */
  removed: z.optional(z.array(z.string())),
  /** The number and size of the base's files in `entries` whose mode or owner a rule changed; missing without any. */
  rewritten: z.optional(FileCount),
  /** Rules that match no file of `root` but may match store paths, with their globs in the spec. */
  storeRules: z.optional(z.array(z.strictObject({ glob: z.string(), specGlob: z.string() }))),
  /**
   * Rules that set a mode and may match store paths, with their globs in the spec, if the image has a Nix database: its NAR
   * hashes contain the executable bits of files, which these rules must keep.
   */
  storeModes: z.optional(z.array(z.strictObject({ glob: z.string(), specGlob: z.string() }))),
  /** Links into the store in copied folders: the entry in the spec, the link's path in the folder, and its target. */
  storeLinks: z.optional(z.array(z.strictObject({ at: z.array(z.string()), path: z.string(), target: z.string() }))),
  /** The special files in the file system of a base made elsewhere; missing without such a base. */
  special: z.optional(z.array(SpecialFile)),
  /** Sentences about settings of a base made elsewhere that the image does not inherit; missing without any. */
  notes: z.optional(z.array(z.string())),
  users: z.array(User),
  /** The ids of groups, by name. */
  groups: z.record(z.string(), z.number()),
  permissions: z.array(Permission),
  /** The config, merged with the base's. */
  config: RunConfig,
  /** The history of a base made elsewhere: a step for each layer, and steps without a layer. */
  history: z.array(HistoryStep),
  /** The settings of the images above a base made elsewhere, the lowest first; missing without such a base. */
  settings: z.optional(z.array(OwnSettings)),
});
export type ContentFile = z.infer<typeof ContentFile>;
