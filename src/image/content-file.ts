/** The content derivation's output: what an image has outside the store, and how it is run. */
import * as z from "zod/mini";
import { Permission } from "../layer/permissions.ts";
import { RootEntry } from "../layer/recipe.ts";
import { HistoryStep, RunConfig } from "../oci/documents.ts";

/** A line of /etc/passwd, and the groups the user is in beside their own. */
export const User = z.strictObject({
  name: z.string(),
  uid: z.number(),
  gid: z.number(),
  home: z.string(),
  shell: z.string(),
  groups: z.array(z.string()),
});
export type User = z.infer<typeof User>;

/** An output of a package that is linked at `/`. If two outputs have a file, the one of lower priority number is linked. */
export const LinkedPackage = z.object({ path: z.string(), priority: z.number() });
export type LinkedPackage = z.infer<typeof LinkedPackage>;

export const FileCount = z.strictObject({ files: z.number(), bytes: z.number() });
export type FileCount = z.infer<typeof FileCount>;

export const ContentFile = z.strictObject({
  version: z.literal(1),
  /** What the image adds to its base, sorted by path. */
  entries: z.array(RootEntry),
  /** The base's entries with this image's above them, sorted by path. */
  root: z.array(RootEntry),
  /** Packages linked at `/`, the base's first. */
  packages: z.array(LinkedPackage),
  /** The paths that images of the chain removed from the images below them. */
  removed: z.optional(z.array(z.string())),
  /** Files of the base in `entries` because a rule changed their mode or owner; missing for none. */
  rewritten: z.optional(FileCount),
  users: z.array(User),
  /** Ids of the groups, by name. */
  groups: z.record(z.string(), z.number()),
  permissions: z.array(Permission),
  /** The config with what the base says below it. */
  config: RunConfig,
  /** What a base made elsewhere says of its layers' making: a step for each layer, and some that made none. */
  history: z.array(HistoryStep),
});
export type ContentFile = z.infer<typeof ContentFile>;
