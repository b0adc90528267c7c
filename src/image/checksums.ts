/** SHA256SUMS: a line a file, as `sha256sum` writes and checks it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toHex, sha256 } from "../oci/digest.ts";

export const SHA256SUMS = "SHA256SUMS";

/** The text for files of a folder. */
export function checksums(folder: string, names: string[]): string {
  return checksumLines(names.map((name) => [name, readFileSync(join(folder, name))]));
}

export function checksumLines(files: [string, Buffer][]): string {
  return files.map(([name, bytes]) => `${toHex(sha256(bytes))}  ${name}\n`).join("");
}
