import type { Lock } from "../lock/lock-file.ts";

export interface CompileOptions {
  /** Absolute path of the Nix functions. */
  functions: string;
  /** The package set, in place of what the spec says: an absolute path. */
  nixpkgs?: string | undefined;
  /** The one image that is meant, if not all of the file's. */
  image?: string | undefined;
  /** The lock beside the spec, and the folder both are in. */
  lock: Lock;
  directory: string;
}
