/** The version field of a format of which imgc reads a single version (docs/formats.md). */
import * as z from "zod/mini";

export function formatVersion<const N extends number>(version: N): z.ZodMiniLiteral<N> {
  return z.literal(version, {
    error: ({ input }) =>
      `this imgc reads format version ${version}, not ${JSON.stringify(input)}; build the image again`,
  });
}
