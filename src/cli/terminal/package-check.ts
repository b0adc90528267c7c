/** The check of packages for `imgc check --packages`, with its progress. */
import { unknownPackages } from "../../app/check-packages.ts";
import type { Inspect } from "../../fixes/index.ts";
import { IndexProgressLines } from "./index-progress.ts";
import { endOnInterrupt } from "./signals.ts";

export function packageCheck(nixpkgs: string | undefined): Inspect {
  return async (result) => {
    using _ = endOnInterrupt();
    using progress = new IndexProgressLines();
    return await unknownPackages(result, { nixpkgs, onProgress: progress.on });
  };
}
