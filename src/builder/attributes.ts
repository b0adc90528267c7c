/** What Nix hands to a builder, and what a builder says back. */
import { existsSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import * as z from "zod/mini";
import type { FindingPath } from "../diagnostics/finding.ts";
import { decodeVeiled, encodePlain, encodeVeiled } from "../store/masked-json.ts";
import { ImageError } from "../oci/image-error.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** A finding's message, and the place in the image's block of the spec (src/diagnostics/finding.ts). */
export interface Located {
  at: FindingPath;
  message: string;
}

/** Findings in the user's input: all that are known, each at its place in the spec. Shown without a stack. */
export class BuildError extends ImgcError {
  readonly findings: readonly Located[];

  /** A text alone is one finding without a place. */
  constructor(findings: string | readonly Located[]) {
    const all = typeof findings === "string" ? [{ at: [], message: findings }] : findings;
    super(EXIT.findings, all.map(({ message }) => message).join("\n"));
    this.findings = all;
  }
}

/** Prefixes the findings of `make` that have no place with this one. */
export async function locatedAt<T>(at: FindingPath, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const message = error instanceof ImageError ? error.message : undefined;
    if (message !== undefined) throw new BuildError([{ at, message }]);
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.findings.map((each) => (each.at.length === 0 ? { ...each, at } : each)));
  }
}

/** What an error says. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A reference graph as `exportReferencesGraph` writes it, less what is not used. */
export const ReferenceGraph = z.array(
  z.object({ path: z.string(), narHash: z.string(), narSize: z.number(), references: z.array(z.string()) }),
);
export type ReferenceGraph = z.infer<typeof ReferenceGraph>;

/**
 * Where the derivation's outputs go; `digests` where it has one that refers to no store path, `contents` where it may
 * have to take files out of a base.
 */
const Outputs = z.object({
  out: z.string(),
  digests: z.optional(z.string()),
  contents: z.optional(z.string()),
});
export type Outputs = z.infer<typeof Outputs>;

/** The derivation's attributes, checked against `schema`, and the paths of its outputs. */
export function attributes<S extends z.ZodMiniType>(schema: S): z.infer<S> & Outputs {
  const json: unknown = JSON.parse(readFileSync(attributesFile(), "utf8"));
  const { outputs } = z.object({ outputs: Outputs }).parse(json);
  const result = schema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BuildError(`the arguments do not fit at ${issue?.path.join(".")}: ${issue?.message}`);
  }
  return Object.assign(result.data as object, outputs) as z.infer<S> & Outputs;
}

/** The image that the derivation is made for; null if images share the derivation, or its arguments cannot be read. */
export function imageName(): string | null {
  try {
    const json: unknown = JSON.parse(readFileSync(attributesFile(), "utf8"));
    return z.object({ imageName: z.string() }).parse(json).imageName;
  } catch {
    return null;
  }
}

/** Tells Nix what the builder is doing, for its progress display. */
export function phase(name: string): void {
  log({ action: "setPhase", phase: name });
}

/** A line of Nix's log protocol. */
function log(line: object): void {
  const fd = Number(process.env["NIX_LOG_FD"] ?? Number.NaN);
  if (Number.isInteger(fd)) writeSync(fd, `@nix ${JSON.stringify(line)}\n`);
}

/** Warns the user about input that is valid but may surprise. */
export function warn(message: string): void {
  log({ action: "msg", level: 1, msg: `warning: ${message}` });
}

/** The store's folder, `/nix/store` nearly everywhere. */
export function storeDir(): string {
  return required("NIX_STORE");
}

/** What `writeOutputs` wrote, either form. */
export function readJson(path: string): unknown {
  return decodeVeiled(readFileSync(path, "utf8"));
}

/** Writes a value into each output: as it is, which makes Nix keep what it names, and veiled, which does not. */
export function writeOutputs({ out, digests }: Outputs, value: unknown, file = ""): void {
  writeFileSync(out + file, encodePlain(value));
  if (digests !== undefined) writeFileSync(digests + file, encodeVeiled(value));
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
