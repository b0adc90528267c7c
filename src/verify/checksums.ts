/** Verifies SHA256SUMS. */
import { SHA256SUMS } from "../image/checksums.ts";
import type { Files } from "../image/files.ts";
import { MAX_OWN_DOCUMENT } from "../image/image-directory.ts";
import { sha256, toHex } from "../oci/digest.ts";
import type { Findings } from "./findings.ts";

/** Compares SHA256SUMS with the files that it must list; a line for any other file is a finding as well. */
export function checkSums(findings: Findings, files: Files, names: string[]): void {
  const sums = new Map<string, string>();
  for (const line of files
    .read(SHA256SUMS)
    .toString("latin1")
    .split(/(?<=\n)/)) {
    const [, sum, name] = /^([0-9a-f]{64}) {2}(.+)\n$/.exec(line) ?? [];
    if (sum === undefined || name === undefined) findings.add(`${SHA256SUMS} has an invalid line: ${line.trim()}`);
    else sums.set(name, sum);
  }
  for (const name of new Set([...sums.keys(), ...names])) {
    const computed =
      names.includes(name) && files.has(name) ? toHex(sha256(files.read(name, MAX_OWN_DOCUMENT))) : "no such file";
    findings.same(`${name}, by ${SHA256SUMS}`, sums.get(name) ?? "nothing", computed);
  }
}
