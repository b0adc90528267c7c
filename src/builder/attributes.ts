/** Checks a builder's arguments. */
import * as z from "zod/mini";
import { BuildError } from "./build-error.ts";
import { readAttributes, type Outputs } from "./derivation.ts";

/** A reference graph of `exportReferencesGraph`, without unused fields. */
export const ReferenceGraph = z.array(
  z.object({ path: z.string(), narHash: z.string(), narSize: z.number(), references: z.array(z.string()) }),
);
export type ReferenceGraph = z.infer<typeof ReferenceGraph>;

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
