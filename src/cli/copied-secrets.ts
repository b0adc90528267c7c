/** Warns of files with secrets that an image would copy. */
import { openSync, closeSync, readSync } from "node:fs";
import { basename } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { copiedOf, type Copied } from "../ignore/copied.ts";
import { byteString } from "../ignore/pattern.ts";
import { looksSecret } from "../ignore/secrets.ts";
import type { CheckResult } from "../language/index.ts";
import { copiesOf, type Copy } from "./copies.ts";

/** The number of names that a warning lists. */
const LISTED = 3;
/** Bytes of a PEM file that are read. */
const LOOKED_AT = 65_536;

export function copiedSecrets({ spec, locate }: Pick<CheckResult, "spec" | "locate">, read = taken): Diagnostic[] {
  return (spec?.images ?? []).flatMap((image) =>
    copiesOf(image).flatMap((copy) => {
      const names = read(copy).filter((name) => looksSecret(basename(name)));
      if (names.length === 0) return [];
      const parameters = { names: names.slice(0, LISTED), count: names.length };
      return diagnostic("copied-secret", locate(["files", copy.path], image.name), parameters);
    }),
  );
}

/** The copied files that look like secrets, without certificates. */
function taken({ source, rules }: Copy): string[] {
  let copied: Copied;
  try {
    copied = copiedOf(source, rules);
  } catch {
    // Nix reports unreadable files.
    return [];
  }
  const files = copied.taken.filter(({ kind }) => kind === "file").map(({ path }) => path);
  const root = byteString(source);
  return files
    .filter((path) => !path.endsWith(".pem") || !isCertificate(path === "" ? root : `${root}/${path}`))
    .map((path) => (path === "" ? source : Buffer.from(path, "latin1").toString()));
}

function isCertificate(path: string): boolean {
  const bytes = Buffer.alloc(LOOKED_AT);
  const file = openSync(Buffer.from(path, "latin1"), "r");
  try {
    const text = bytes.toString("latin1", 0, readSync(file, bytes));
    return text.includes("-----BEGIN ") && !text.includes("PRIVATE KEY");
  } finally {
    closeSync(file);
  }
}
