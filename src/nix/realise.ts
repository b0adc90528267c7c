/** Realises store paths: fetches them from a binary cache, or builds them if their derivations are known. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../util/temporary.ts";
import { BuildFailure } from "./build-log.ts";
import { nixCommand } from "./build.ts";
import type { NixEvent } from "./log.ts";

/** Realises store paths. The paths have GC roots until the realiser is disposed. */
export class Realiser {
  /** The folder of the GC roots, made when first needed. */
  #roots: string | undefined;
  readonly #options: { signal?: AbortSignal | undefined; onEvent?: (event: NixEvent) => void };
  #next = 0;

  constructor(options: { signal?: AbortSignal | undefined; onEvent?: (event: NixEvent) => void } = {}) {
    this.#options = options;
  }

  /** `paths` may lie inside store paths; `root`: the folder of a chroot store, or "". */
  readonly realise = async (paths: string[], root = ""): Promise<void> => {
    const whole = [...new Set(paths.map((path) => path.split("/").slice(0, 4).join("/")))];
    const store = root === "" ? [] : ["--store", root];
    this.#roots ??= ownFolder("imgc-roots-");
    const link = join(this.#roots, String(this.#next++));
    try {
      await nixCommand(["build", "--out-link", link, ...store, ...whole], this.#options);
    } catch (error) {
      if (!(error instanceof BuildFailure)) throw error;
      throw new Error(`cannot fetch missing store paths: ${error.message}`, {
        cause: error,
      });
    }
  };

  [Symbol.dispose](): void {
    if (this.#roots !== undefined) rmSync(this.#roots, { recursive: true, force: true });
  }
}
