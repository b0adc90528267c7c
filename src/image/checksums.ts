/** SHA256SUMS: a line for each file, in the format of `sha256sum`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toHex, sha256 } from "../oci/digest.ts";

export const SHA256SUMS = "SHA256SUMS";

/** The text of SHA256SUMS for files of a folder. */
export function checksums(folder: string, names: string[]): string {
  return checksumLines(names.map((name) => [name, readFileSync(join(folder, name))]));
}

export function checksumLines(files: [string, Buffer][]): string {
  return files.map(([name, bytes]) => `${toHex(sha256(bytes))}  ${name}\n`).join("");
}
