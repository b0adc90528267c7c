/** The options that all compilations of a spec take. */
import type { Lock } from "../lock/lock-file.ts";

export interface CompileOptions {
  /** The absolute path of imgc's Nix functions. */
  functions: string;
  /** The absolute path of a package set that replaces the spec's. */
  nixpkgs?: string | undefined;
  /** The name of the only image to compile; undefined compiles all. */
  image?: string | undefined;
  /** Whether imgc evaluates the expression itself: the evaluation of each image prints a trace (nix/traced.nix). */
  isTraced?: boolean;
  lock: Lock;
  /** The folder of the spec and its lock file. */
  directory: string;
}
