/** Names of store paths, as Nix builds them: `<hash>-<name>-<version>`, and `-<output>` behind where it is not `out`. */

export interface PathName {
  /** Stays the same when the version changes: `openssl`, `openssl-dev`. */
  name: string;
  /** Empty where there is none. */
  version: string;
}

/** `hello-2.10` of `/nix/store/…-hello-2.10`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/^[0-9a-z]{32}-/, "");
}

/** The first 32 letters of a store path's last part: what differs whenever the path does. */
export function hashOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).slice(0, 32);
}

/**
 * The version starts at the first part that begins with a digit, and of several at the first that has a dot or a colon
 * in it (`libx11-6-1.8.7` is `libx11-6` in version 1.8.7); parts at the end that begin with a letter name an output.
 */
export function splitName(path: string): PathName {
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
