/** The version of a format that is read in this version only (docs/formats.md). */
import * as z from "zod/mini";

export function formatVersion<const N extends number>(version: N): z.ZodMiniLiteral<N> {
  return z.literal(version, {
    error: ({ input }) => `this imgc reads version ${version}, not ${JSON.stringify(input)}; build the image again`,
  });
}
