/** What Nix hands to a builder, and what a builder says back. */
import { existsSync, readFileSync, writeSync } from "node:fs";
import * as z from "zod/mini";

/** A mistake in what the user asked for; shown without a stack. */
export class BuildError extends Error {}

/** A reference graph as `exportReferencesGraph` writes it, less what is not used. */
export const ReferenceGraph = z.array(
  z.object({ path: z.string(), narHash: z.string(), narSize: z.number(), references: z.array(z.string()) }),
);
export type ReferenceGraph = z.infer<typeof ReferenceGraph>;

/** The derivation's attributes, checked against `schema`, and the path of its output. */
export function attributes<S extends z.ZodMiniType>(schema: S): z.infer<S> & { out: string } {
  const json = readJson(attributesFile());
  const { outputs } = z.object({ outputs: z.object({ out: z.string() }) }).parse(json);
  const result = schema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BuildError(`the arguments do not fit at ${issue?.path.join(".")}: ${issue?.message}`);
  }
  return Object.assign(result.data as object, { out: outputs.out }) as z.infer<S> & { out: string };
}

/** Tells Nix what the builder is doing, for its progress display. */
export function phase(name: string): void {
  const fd = Number(process.env["NIX_LOG_FD"] ?? Number.NaN);
  if (Number.isInteger(fd)) writeSync(fd, `@nix ${JSON.stringify({ action: "setPhase", phase: name })}\n`);
}

/** The store's folder, `/nix/store` nearly everywhere. */
export function storeDir(): string {
  return required("NIX_STORE");
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function attributesFile(): string {
  // Nix before 2.10 names the file as it lies outside the sandbox; inside it is in the build's folder.
  const inside = `${required("NIX_BUILD_TOP")}/.attrs.json`;
  return existsSync(inside) ? inside : required("NIX_ATTRS_JSON_FILE");
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new BuildError(`${name} is not set; this program runs inside a Nix derivation`);
  return value;
}
