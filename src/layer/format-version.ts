/** A schema for the `version` field of a file format (docs/formats.md). It accepts one version only. */
import * as z from "zod/mini";

export function formatVersion<const N extends number>(version: N): z.ZodMiniLiteral<N> {
  return z.literal(version, {
    error: ({ input }) =>
      `this imgc reads format version ${version}, not ${JSON.stringify(input)}; build the image again`,
  });
}
