/** The public keys that `signed-base` names. */
import { statSync } from "node:fs";
import { SIGNED_BASE } from "../compile/unpinned.ts";
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckResult, Spec } from "../language/index.ts";
import type { PublicKey } from "../sign/public-key.ts";
import { readPublicKey } from "../sign/public-key.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { kindOf } from "../util/regular-file.ts";

/** The largest key of RSA that OpenSSL reads has a few kilobytes. */
const MAX_BYTES = 1 << 16;

/** The keys by path, and a diagnostic for each key that cannot be read. */
export function readBaseKeys(
  { images }: Spec,
  locate: CheckResult["locate"],
): { keys: Map<string, PublicKey>; diagnostics: Diagnostic[] } {
  const keys = new Map<string, PublicKey>();
  const diagnostics: Diagnostic[] = [];
  for (const { name, expect } of images) {
    const file = expect.signedBase;
    if (file === null || keys.has(file)) continue;
    try {
      requireSmallFile(file);
      keys.set(file, readPublicKey(file));
    } catch (error) {
      if (!(error instanceof ImgcError)) throw error;
      diagnostics.push(diagnostic("bad-key", locate(SIGNED_BASE, name), { reason: error.message }));
    }
  }
  return { keys, diagnostics };
}

/** Throws for pipes and devices, which may have no end, and for large files. `readPublicKey` reports missing files and folders. */
function requireSmallFile(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) return;
  if (!stat.isFile())
    throw new ImgcError(EXIT.usage, `${file} is a ${kindOf(stat)}; write the path of a file with a public key`);
  if (stat.size > MAX_BYTES)
    throw new ImgcError(
      EXIT.usage,
      `${file} has ${stat.size} bytes, more than any public key; write the path of a file with a public key`,
    );
}
