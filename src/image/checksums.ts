/** SHA256SUMS: a line a file, as `sha256sum` writes and checks it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Findings } from "../verify/findings.ts";
import type { Files } from "./files.ts";
import { sha256 } from "../oci/documents.ts";
import { MAX_OWN_DOCUMENT } from "./image-directory.ts";

export const SHA256SUMS = "SHA256SUMS";

/** The text for files of a folder. */
export function checksums(folder: string, names: string[]): string {
  return checksumLines(names.map((name) => [name, readFileSync(join(folder, name))]));
}

export function checksumLines(files: [string, Buffer][]): string {
  return files.map(([name, bytes]) => `${hash(bytes)}  ${name}\n`).join("");
}

/** Holds SHA256SUMS against the files that must be in it; a line for any other file is a finding as well. */
export function checkSums(findings: Findings, files: Files, names: string[]): void {
  const sums = new Map<string, string>();
  for (const line of files
    .read(SHA256SUMS)
    .toString("latin1")
    .split(/(?<=\n)/)) {
    const [, sum, name] = /^([0-9a-f]{64}) {2}(.+)\n$/.exec(line) ?? [];
    if (sum === undefined || name === undefined) findings.add(`${SHA256SUMS} has a line that is none: ${line.trim()}`);
    else sums.set(name, sum);
  }
  for (const name of new Set([...sums.keys(), ...names])) {
    const computed =
      names.includes(name) && files.has(name) ? hash(files.read(name, MAX_OWN_DOCUMENT)) : "no such file";
    findings.same(`${name}, by ${SHA256SUMS}`, sums.get(name) ?? "nothing", computed);
  }
}

function hash(bytes: Buffer): string {
  return sha256(bytes).slice("sha256:".length);
}
