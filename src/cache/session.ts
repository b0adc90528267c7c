/** What a build does differently under a cache policy: Nix's options before it, and filling and pruning after it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BuildFailure } from "../nix/build-log.ts";
import { nixCommand } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import { outputsOf } from "../store/derivation.ts";
import { makeFolder } from "../util/make-folder.ts";
import { ToolError } from "../util/run-tool.ts";
import { afterBuild } from "./binary-cache.ts";
import { writeHook, type Hook } from "./post-build-hook.ts";
import { makeDeletable } from "./make-deletable.ts";
import { substituter, targets, type BinaryCache, type CachePolicy } from "./policy.ts";
import { messageOf } from "../util/errors.ts";

export class CacheSession {
  /** For every `nix` command of the build. */
  readonly options: string[] = [];
  /** What stands before the store's folder: "" for the machine's own store. */
  readonly root: string;
  readonly #policy: CachePolicy;
  readonly #note: (message: string) => void;
  readonly #targets: string[];
  readonly #hook: Hook | undefined;
  readonly #used = new Set<string>();
  #isFinished = false;

  constructor(policy: CachePolicy, note: (message: string) => void) {
    const { store } = policy;
    const problem = policy.binaryCache && cannotMake(join(policy.binaryCache.folder, "nar"));
    // As where copying fails: the build goes on without.
    if (problem !== null) note(`the binary cache cannot be used: ${problem}`);
    const binaryCache = problem === null ? policy.binaryCache : null;
    this.#policy = { ...policy, binaryCache };
    this.#note = note;
    this.root = store ?? "";
    this.#targets = targets(this.#policy);
    if (store !== null) {
      const reason = cannotMake(store);
      if (reason !== null) throw new ToolError(`no build can run in the store: ${reason}`);
      this.options.push("--store", store);
    }
    if (binaryCache !== null) {
      this.options.push("--option", "extra-substituters", substituter(binaryCache));
    }
    this.#hook = this.#targets.length === 0 ? undefined : writeHook(this.#targets, store);
    if (this.#hook !== undefined) this.options.push("--option", "post-build-hook", this.#hook.path);
  }

  /** Whether results go anywhere beside the store. */
  get copies(): boolean {
    return this.#targets.length > 0;
  }

  /** Takes note of what a build uses. */
  readonly on = (event: NixEvent): void => {
    if (event.kind === "fetch") this.#used.add(event.path);
    if (event.kind === "build") outputsOf(this.root + event.derivation).forEach((path) => this.#used.add(path));
  };

  /**
   * All went well. `paths`: what a later build wants to find, whether it is here or not. Copies what was in the store before
   * as well, which no hook hears of.
   */
  async finish(paths: string[]): Promise<void> {
    paths.forEach((path) => this.#used.add(path));
    this.#isFinished = true;
    const outputs = paths.filter((path) => existsSync(this.root + path));
    if (outputs.length === 0) return;
    for (const target of this.#targets) {
      const from = this.#policy.store === null ? [] : ["--store", this.#policy.store];
      try {
        await nixCommand(["copy", ...from, "--to", target, ...outputs], {});
      } catch (error) {
        if (!(error instanceof BuildFailure || error instanceof ToolError)) throw error;
        this.#note(`not copied to ${target}: ${error.message}`);
      }
    }
  }

  /** After the build, however it ended. Where it was finished, all that it uses is known, so the rest may be pruned. */
  [Symbol.dispose](): void {
    this.#hook?.[Symbol.dispose]();
    const { store, binaryCache } = this.#policy;
    if (store !== null) makeDeletable(store);
    if (binaryCache !== null && this.#isFinished) this.#prune(binaryCache);
  }

  #prune(cache: BinaryCache): void {
    try {
      const { paths, left } = afterBuild(cache, [...this.#used], Math.floor(Date.now() / 1000));
      if (paths > 0)
        this.#note(
          `${cache.folder}: ${paths} ${paths === 1 ? "result that nothing used was" : "results that nothing used were"} taken out`,
        );
      if (cache.maxSize !== null && left > cache.maxSize) {
        this.#note(`${cache.folder} has ${left} bytes, more than max-size: this build alone uses as much`);
      }
    } catch (error) {
      this.#note(`${cache.folder} was not pruned: ${messageOf(error)}`);
    }
  }
}

/** Why there can be no such folder. */
function cannotMake(folder: string): string | null {
  try {
    makeFolder(folder);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
