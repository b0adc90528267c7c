/** Receives what an operation reports while it runs: a command prints it, a test may collect it. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Source } from "../language/index.ts";
import type { NixEvent } from "../nix/log.ts";

export interface Reporter {
  diagnostics(found: { diagnostics: readonly Diagnostic[]; sources: ReadonlyMap<string, Source> }): void;
  /** A warning that changes no result. */
  warning(text: string): void;
  /** A step of the work, or its outcome. */
  line(text: string): void;
  event(event: NixEvent): void;
}

/** How a caller follows and stops an operation. */
export interface Context {
  reporter: Reporter;
  signal: AbortSignal;
}
