/** Receives the reports of a running operation: a command prints them, a test may collect them. */
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
  /** The layers of an image that is being built are known. */
  layers(sources: LayerSource[]): void;
}

/** A derivation with the recipes of layers. */
export interface LayerSource {
  derivation: string;
  /** Its output on this machine. */
  output: string;
}

/** The means of a caller to follow and to stop an operation. */
export interface Context {
  reporter: Reporter;
  signal: AbortSignal;
}
