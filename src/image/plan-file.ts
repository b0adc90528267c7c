/** The plan derivation's output: the store paths that the image adds to its bases, and the layer of each. */
import * as z from "zod/mini";
import { FileCount } from "./content-file.ts";

/** A store path of the image. `narHash` is in any of Nix's notations, `narSize` in bytes. */
export const ClosureEntry = z.strictObject({
  path: z.string(),
  narHash: z.string(),
  narSize: z.number(),
  references: z.array(z.string()),
});
export type ClosureEntry = z.infer<typeof ClosureEntry>;

/**
 * A closure. In the file, a reference to a path of the same closure is the index of that path: the references would otherwise be
 * most of the bytes that a change of an application adds to the store.
 */
export const Closure = z.codec(
  z.array(
    z.strictObject({
      ...ClosureEntry.shape,
      references: z.array(z.union([z.number().check(z.int(), z.nonnegative()), z.string()])),
    }),
  ),
  z.array(ClosureEntry),
  {
    decode: (entries, { issues }) => {
      const pathOf = (reference: number | string): string => {
        const path = typeof reference === "string" ? reference : entries[reference]?.path;
        if (path === undefined)
          issues.push({
            code: "custom",
            input: reference,
            message: `no path of the closure has the index ${reference}`,
          });
        return path ?? "";
      };
      return entries.map((entry) => ({ ...entry, references: entry.references.map(pathOf) }));
    },
    encode: (entries) => {
      const indexes = new Map(entries.map(({ path }, i) => [path, i]));
      return entries.map((entry) => ({
        ...entry,
        references: entry.references.map((path) => indexes.get(path) ?? path),
      }));
    },
  },
);

export const PlanFile = z.strictObject({
  version: z.literal(3),
  /** Store layers, deepest first. */
  layers: z.array(
    z.strictObject({
      name: z.string(),
      paths: z.array(z.string()),
      /** The comment in the image's history. */
      comment: z.optional(z.string()),
      /** Layers with the same name of a batch are made by one derivation (plan/batches.ts). */
      batch: z.optional(z.string()),
    }),
  ),
  /** The limit of these layers if `auto` splits all paths; other images may share layers of this plan. */
  autoBudget: z.optional(z.number()),
  /** The store paths that this plan describes, sorted: the paths in its layers, and paths of a base that has no database. */
  closure: Closure,
  /**
   * Sorted store paths that the image names directly. Every path in `layers` is in the closure of these paths, or of the roots of
   * a base.
   */
  roots: z.array(z.string()),
  /** The number and size of the base's files that rules write again (content-file.ts); missing without any. */
  rewritten: z.optional(FileCount),
});
export type PlanFile = z.infer<typeof PlanFile>;

/** The paths of a closure to which no other path of it refers. */
export function unreferenced(closure: ClosureEntry[]): string[] {
  const needed = new Set(closure.flatMap(({ path, references }) => references.filter((each) => each !== path)));
  return closure.flatMap(({ path }) => (needed.has(path) ? [] : [path]));
}
