/** Brings store paths here: from a binary cache, or by building them where their derivations are known. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../util/temporary.ts";
import { BuildFailure } from "./build-log.ts";
import { nixCommand } from "./build.ts";
import type { NixEvent } from "./log.ts";

/** Store paths that are kept from the garbage collector until it is disposed of. */
export class Realiser {
  /** Made when it is first needed: whoever is killed before leaves nothing. */
  #roots: string | undefined;
  readonly #options: { signal?: AbortSignal | undefined; onEvent?: (event: NixEvent) => void };
  #next = 0;

  constructor(options: { signal?: AbortSignal | undefined; onEvent?: (event: NixEvent) => void } = {}) {
    this.#options = options;
  }

  /** `paths` may lie inside store paths; `root` is what stands before the store's folder. */
  readonly realise = async (paths: string[], root = ""): Promise<void> => {
    const whole = [...new Set(paths.map((path) => path.split("/").slice(0, 4).join("/")))];
    const store = root === "" ? [] : ["--store", root];
    this.#roots ??= ownFolder("imgc-roots-");
    const link = join(this.#roots, String(this.#next++));
    try {
      await nixCommand(["build", "--out-link", link, ...store, ...whole], this.#options);
    } catch (error) {
      if (!(error instanceof BuildFailure)) throw error;
      throw new Error(`it needs store paths that are not here, and they cannot be fetched: ${error.message}`, {
        cause: error,
      });
    }
  };

  [Symbol.dispose](): void {
    if (this.#roots !== undefined) rmSync(this.#roots, { recursive: true, force: true });
  }
}
