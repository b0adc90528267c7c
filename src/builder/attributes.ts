/** Checks a builder's arguments. */
import * as z from "zod/mini";
import type { ClosureEntry } from "../image/plan-file.ts";
import { BuildError } from "./build-error.ts";
import { readAttributes, type Outputs } from "./derivation.ts";

/** A reference graph of `exportReferencesGraph`. The entries are not checked: Nix wrote them, and there may be thousands. */
export const ReferenceGraph = z.custom<ClosureEntry[]>(Array.isArray);

const WithOutputs = z.object({
  outputs: z.object({
    out: z.string(),
    digests: z.optional(z.string()),
    contents: z.optional(z.string()),
    blobs: z.optional(z.string()),
  }),
});

/** The derivation's attributes, checked against `schema`, and the paths of its outputs. */
export function attributes<S extends z.ZodMiniType>(schema: S): z.infer<S> & Outputs {
  const json = readAttributes();
  const { outputs } = WithOutputs.parse(json);
  const result = schema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BuildError(`the argument ${issue?.path.join(".")} is invalid: ${issue?.message}`);
  }
  return Object.assign(result.data as object, outputs) as z.infer<S> & Outputs;
}
