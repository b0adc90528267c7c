/** The environment derivation's output: variables and files for building a package. */
import * as z from "zod/mini";

export const ShellFile = z.strictObject({
  env: z.record(z.string(), z.string()),
  /** Texts by absolute path. */
  files: z.record(z.string(), z.string()),
});
export type ShellFile = z.infer<typeof ShellFile>;
