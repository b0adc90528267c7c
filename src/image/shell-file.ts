/** The environment derivation's output: in which environment a package is built, and the files that go with it. */
import * as z from "zod/mini";

export const ShellFile = z.strictObject({
  env: z.record(z.string(), z.string()),
  /** Text by path. */
  files: z.record(z.string(), z.string()),
});
export type ShellFile = z.infer<typeof ShellFile>;
