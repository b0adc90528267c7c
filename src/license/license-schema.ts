/** The zod schema of a licence. */
import * as z from "zod/mini";

/** A licence by its SPDX identifier, or by name if it has none. */
export const License = z.union([z.strictObject({ id: z.string() }), z.strictObject({ name: z.string() })]);
export type License = z.infer<typeof License>;
