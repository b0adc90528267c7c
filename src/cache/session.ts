/** Applies a cache policy to a build: Nix options before the build, copying and pruning after it. */
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
  /** Options for every `nix` command of the build. */
  readonly options: string[] = [];
  /** The prefix of store paths: the folder of a chroot store, "" for the machine's store. */
  readonly root: string;
  readonly #policy: CachePolicy;
  readonly #note: (message: string) => void;
  readonly #targets: string[];
  readonly #hook: Hook | undefined;
  readonly #used = new Set<string>();
  #isFinished = false;

  constructor(policy: CachePolicy, note: (message: string) => void) {
    const { store } = policy;
    const problem = policy.binaryCache && tryMakeFolder(join(policy.binaryCache.folder, "nar"));
    // Only print a note, as for a failed copy: the build can go on without the cache.
    if (problem !== null) note(`cannot use the binary cache: ${problem}`);
    const binaryCache = problem === null ? policy.binaryCache : null;
    this.#policy = { ...policy, binaryCache };
    this.#note = note;
    this.root = store ?? "";
    this.#targets = targets(this.#policy);
    if (store !== null) {
      const reason = tryMakeFolder(store);
      if (reason !== null) throw new ToolError(`cannot build in the store: ${reason}`);
      this.options.push("--store", store);
    }
    if (binaryCache !== null) {
      this.options.push("--option", "extra-substituters", substituter(binaryCache));
    }
    this.#hook = this.#targets.length === 0 ? undefined : writeHook(this.#targets, store);
    if (this.#hook !== undefined) this.options.push("--option", "post-build-hook", this.#hook.path);
  }

  /** Whether results are copied to another store. */
  get copies(): boolean {
    return this.#targets.length > 0;
  }

  /** Records the store paths that a build uses. */
  readonly on = (event: NixEvent): void => {
    if (event.kind === "fetch") this.#used.add(event.path);
    if (event.kind === "build") outputsOf(this.root + event.derivation).forEach((path) => this.#used.add(path));
  };

  /**
   * Call after a successful build. `paths`: the paths that later builds use; some of them may not be on this machine.
   * Copies the paths on this machine, since Nix runs the hook only for built paths, not for paths that were in the
   * store before.
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
        this.#note(`cannot copy to ${target}: ${error.message}`);
      }
    }
  }

  /** Call after every build. Prunes only after `finish`, when all used paths are known. */
  [Symbol.dispose](): void {
    this.#hook?.[Symbol.dispose]();
    const { store, binaryCache } = this.#policy;
    if (store !== null) makeDeletable(store);
    if (binaryCache !== null && this.#isFinished) this.#prune(binaryCache);
  }

  #prune(cache: BinaryCache): void {
    try {
      const { paths, left } = afterBuild(cache, [...this.#used], Math.floor(Date.now() / 1000));
      if (paths > 0) this.#note(`${cache.folder}: deleted ${paths} unused ${paths === 1 ? "result" : "results"}`);
      if (cache.maxSize !== null && left > cache.maxSize) {
        this.#note(`${cache.folder} has ${left} bytes, more than max-size: this build uses them all`);
      }
    } catch (error) {
      this.#note(`cannot prune ${cache.folder}: ${messageOf(error)}`);
    }
  }
}

/** Makes a folder; returns the reason if that fails. */
function tryMakeFolder(folder: string): string | null {
  try {
    makeFolder(folder);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
