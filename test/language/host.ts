/** A host with a few files, for checking without a disk. */
import type { Host } from "../../src/language/index.ts";

/** A host with the given files and, for `copy`, the folders `src` and `profile` and the files `id_rsa`, `nginx.conf` and `cosign.pub`. */
export function hostOf(files: Record<string, string> = {}): Host {
  return {
    read: (path) => files[path],
    exists: (path) => path in files || /\/(?:src|profile|id_rsa|nginx\.conf|cosign\.pub)$/.test(path),
  };
}
