/** The values in a Spec, each with its zod schema and the type inferred from it. */
import * as z from "zod/mini";

/** Creates a schema at first use: checking a file needs no schemas, and creating them takes milliseconds. */
export function once<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}

/** Nix code. `directory`: the folder of the file with the code, from which its relative paths start. */
export const codeSchema = once(() => z.strictObject({ nix: z.string(), directory: z.string() }));
export type Code = z.infer<ReturnType<typeof codeSchema>>;

/** A package: an attribute path of the package set, or any Nix expression with the package set in scope. */
export const packageSchema = once(() => z.union([z.strictObject({ attribute: z.array(z.string()) }), codeSchema()]));
export type Package = z.infer<ReturnType<typeof packageSchema>>;

/** A use of a `param`, which is an argument of the compiled function. */
export const paramSchema = once(() => z.strictObject({ param: z.string() }));
export type Param = z.infer<ReturnType<typeof paramSchema>>;

/** A parameter: a value that the caller of the compiled function may set. */
export interface ParamSpec {
  name: string;
  type: "string" | "integer" | "size" | "duration";
  default: string | number | null;
}

/** Text; a plain string if nothing is interpolated. */
export const textSchema = once(() =>
  z.union([z.string(), z.strictObject({ parts: z.array(z.union([z.string(), packageSchema(), paramSchema()])) })]),
);
export type Text = z.infer<ReturnType<typeof textSchema>>;

/** An integer, a size in bytes or a duration in nanoseconds. */
export const amountSchema = once(() => z.union([z.int(), paramSchema()]));
export type Amount = z.infer<ReturnType<typeof amountSchema>>;

export const ownerSchema = once(() =>
  z.strictObject({
    user: z.union([z.int(), z.string()]),
    group: z.union([z.int(), z.string(), z.null()]),
  }),
);
export type Owner = z.infer<ReturnType<typeof ownerSchema>>;

export const boundSchema = once(() =>
  z.strictObject({
    operator: z.enum(["<=", "<", "==", ">=", ">"]),
    value: amountSchema(),
  }),
);
export type Bound = z.infer<ReturnType<typeof boundSchema>>;

/** A step of `layers`: puts some of the store paths into one or more layers. */
export type Step =
  | { kind: "layer"; name: string; packages: Package[]; only: boolean; steps: Step[]; comment: string | null }
  | { kind: "group"; count: Amount }
  | { kind: "each"; count: Amount | null }
  | { kind: "auto" }
  | { kind: "rest" };

export const stepSchema: () => z.ZodMiniType<Step> = once(() =>
  z.union([
    z.strictObject({
      kind: z.literal("layer"),
      name: z.string(),
      packages: z.array(packageSchema()),
      only: z.boolean(),
      steps: z.array(z.lazy(stepSchema)),
      comment: z.union([z.string(), z.null()]),
    }),
    z.strictObject({ kind: z.literal("group"), count: amountSchema() }),
    z.strictObject({ kind: z.literal("each"), count: z.union([amountSchema(), z.null()]) }),
    z.strictObject({ kind: z.literal("auto") }),
    z.strictObject({ kind: z.literal("rest") }),
  ]),
);
