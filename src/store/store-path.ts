/** Store paths and their names: `/nix/store/<hash>-<name>-<version>`, with `-<output>` at the end for outputs except `out`. */

export const STORE_DIR = "/nix/store";

/** The hash part, as a pattern. */
export const HASH = "[0-9a-z]{32}";
/** The last part of a store path, as a pattern. */
export const STORE_NAME = `${HASH}-[^/\0]+`;

const LEADING_HASH = new RegExp(`^${HASH}-`);
const HASH_LENGTH = 32;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `hello-2.10` of `/nix/store/<hash>-hello-2.10`. */
export function nameOf(path: string): string {
  return baseName(path).replace(LEADING_HASH, "");
}

/** `hello-2.10` of `/nix/store/<hash>-hello-2.10.drv`. */
export function derivationName(path: string): string {
  return nameOf(path).replace(/\.drv$/, "");
}

/** The hash part of a store path or of its last part. Nix finds references by hash parts. */
export function hashPart(path: string): string {
  return baseName(path).slice(0, HASH_LENGTH);
}

/** Name and version, as in Nix's `builtins.parseDrvName`: the version starts after the first dash without a letter behind it. */
export function parseDrvName(path: string): { name: string; version: string } {
  const whole = baseName(path).replace(/^[^-]*-/, "");
  const { name = whole, version = "" } = /^(?<name>.*?)-(?<version>[^A-Za-z].*)$/s.exec(whole)?.groups ?? {};
  return { name, version };
}

/** A name and version that are stable across rebuilds. */
export interface PackageName {
  /** Stays the same when the version changes: `openssl`, `openssl-dev`. */
  name: string;
  /** Empty without a version. */
  version: string;
}

/**
 * Splits a name by dashes: the version starts at the first part with a digit at its start and a dot or colon in it, or else at
 * the first part with a digit at its start (`libx11-6-1.8.7` is `libx11-6` in version 1.8.7). Parts of letters at the end are
 * the output's name.
 */
export function splitName(path: string): PackageName {
  const parts = nameOf(path).split("-");
  const isNumber = (part: string) => /^\d/.test(part);
  const dotted = parts.findIndex((part, i) => i > 0 && isNumber(part) && /[.:]/.test(part));
  const start = dotted === -1 ? parts.findIndex((part, i) => i > 0 && isNumber(part)) : dotted;
  if (start === -1) return { name: parts.join("-"), version: "" };
  let end = parts.length;
  while (end > start + 1 && /^[a-z]+$/.test(parts[end - 1] as string)) end--;
  return {
    name: [...parts.slice(0, start), ...parts.slice(end)].join("-"),
    version: parts.slice(start, end).join("-"),
  };
}
