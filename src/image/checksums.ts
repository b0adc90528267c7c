/** SHA256SUMS: a line a file, as `sha256sum` writes and checks it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Findings } from "./claims.ts";
import { sha256 } from "./oci.ts";
import { readBytes } from "./read.ts";

/** The text for files of a folder. */
export function checksums(folder: string, names: string[]): string {
  return names.map((name) => `${hash(readFileSync(join(folder, name)))}  ${name}\n`).join("");
}

/** Holds SHA256SUMS against the files that must be in it; a line for any other file is a finding as well. */
export function checkSums(findings: Findings, folder: string, names: string[]): void {
  const lines = readBytes(join(folder, "SHA256SUMS")).toString("latin1").split("\n").slice(0, -1);
  const sums = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  for (const name of new Set([...sums.keys(), ...names])) {
    const file = join(folder, name);
    const computed = names.includes(name) && existsSync(file) ? hash(readBytes(file)) : "no such file";
    findings.same(`${name}, by SHA256SUMS`, sums.get(name) ?? "nothing", computed);
  }
}

function hash(bytes: Buffer): string {
  return sha256(bytes).slice("sha256:".length);
}
