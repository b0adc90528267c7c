/** A builder's interface to Nix: the text of its arguments, its outputs and log messages. Without zod, which loads slowly. */
import { existsSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { BuildError } from "./build-error.ts";
import { decodeMasked, encodeMasked, encodePlain } from "../store/masked-json.ts";

/**
 * The paths of the derivation's outputs. `digests` has the same JSON as `out` but refers to no store path; `contents` has the
 * bytes of files of a foreign base, `blobs` the compressed bytes of layers.
 */
export interface Outputs {
  out: string;
  digests?: string | undefined;
  contents?: string | undefined;
  blobs?: string | undefined;
}

/** The structured attributes of the derivation. */
export function readAttributes(): unknown {
  return JSON.parse(readFileSync(attributesFile(), "utf8"));
}

/** The image that the derivation is made for; null if images share the derivation, or its arguments cannot be read. */
export function imageName(): string | null {
  try {
    const { imageName: name } = readAttributes() as { imageName?: unknown };
    return typeof name === "string" ? name : null;
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
