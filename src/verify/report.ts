/** What verifying an image gives. */
import type { Expect } from "../image/image-file.ts";

export interface Report {
  /** What was looked at, in words. */
  form: string;
  /** The manifests' digests; of a Docker archive, which has none, the configs'. */
  digests: string[];
  layers: number;
  paths: number;
  /** Those of them that `deep` could not hold against a hash (`inspect-layer.ts`). */
  unhashed: number;
  /** Uncompressed bytes. */
  size: number;
  /** A sentence each; empty when everything holds. */
  findings: string[];
  /** What is expected that no look at the files can tell. */
  trials: Pick<Expect, "reproducible" | "run">;
}

export interface VerifyOptions {
  /** Also holds files against the hashes by which Nix knows their store paths. */
  deep: boolean;
  /** Is told what is being looked at. */
  onStep: (step: string) => void;
}
