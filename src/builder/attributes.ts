/** A builder's interface to Nix: its arguments, outputs, log messages and errors. */
import { existsSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import * as z from "zod/mini";
import type { FindingPath } from "../diagnostics/finding.ts";
import { decodeMasked, encodePlain, encodeMasked } from "../store/masked-json.ts";
import { ImageError } from "../oci/image-error.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** A finding's message, and the place in the image's block of the spec (src/diagnostics/finding.ts). */
export interface Located {
  at: FindingPath;
  message: string;
}

/** Findings in the user's input, each with its place in the spec. They are printed without a stack trace. */
export class BuildError extends ImgcError {
  readonly findings: readonly Located[];

  /** A string is one finding without a place. */
  constructor(findings: string | readonly Located[]) {
    const all = typeof findings === "string" ? [{ at: [], message: findings }] : findings;
    super(EXIT.findings, all.map(({ message }) => message).join("\n"));
    this.findings = all;
  }
}

/** Runs `make`, and gives the place `at` to those of its findings that have no place. */
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

/** A reference graph of `exportReferencesGraph`, without unused fields. */
export const ReferenceGraph = z.array(
  z.object({ path: z.string(), narHash: z.string(), narSize: z.number(), references: z.array(z.string()) }),
);
export type ReferenceGraph = z.infer<typeof ReferenceGraph>;

/**
 * The paths of the derivation's outputs. `digests` has the same JSON as `out` but refers to no store path; `contents` has the
 * bytes of files of a foreign base.
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
    throw new BuildError(`the argument ${issue?.path.join(".")} is invalid: ${issue?.message}`);
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

/** Sets the phase in Nix's progress display. */
export function phase(name: string): void {
  log({ action: "setPhase", phase: name });
}

/** Writes a line of Nix's log protocol. */
function log(line: object): void {
  const fd = Number(process.env["NIX_LOG_FD"] ?? Number.NaN);
  if (Number.isInteger(fd)) writeSync(fd, `@nix ${JSON.stringify(line)}\n`);
}

/** Warns the user about input that is valid but may surprise. */
export function warn(message: string): void {
  log({ action: "msg", level: 1, msg: `warning: ${message}` });
}

/** The store's folder, usually `/nix/store`. */
export function storeDir(): string {
  return required("NIX_STORE");
}

/** Reads a file of `writeOutputs`, from `out` or `digests`. */
export function readJson(path: string): unknown {
  return decodeMasked(readFileSync(path, "utf8"));
}

/** Writes a value as JSON: into `out` as is, which then refers to the store paths in it, and into `digests` with masked paths. */
export function writeOutputs({ out, digests }: Outputs, value: unknown, file = ""): void {
  writeFileSync(out + file, encodePlain(value));
  if (digests !== undefined) writeFileSync(digests + file, encodeMasked(value));
}

function attributesFile(): string {
  // Before 2.10, Nix sets NIX_ATTRS_JSON_FILE to the path outside of the sandbox.
  const inside = `${required("NIX_BUILD_TOP")}/.attrs.json`;
  return existsSync(inside) ? inside : required("NIX_ATTRS_JSON_FILE");
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new BuildError(`${name} is not set: this program runs only as a builder of Nix`);
  return value;
}
