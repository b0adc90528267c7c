/** Links to what a build gave, which also keep it from the garbage collector. */
import { renameSync, symlinkSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ownBeside } from "../util/temporary.ts";

export class ResultLinks {
  /** For `nix build`. */
  readonly options: string[];
  readonly #outLink: string | null;
  readonly #root: string;

  /** `root`: the folder of a chroot store, or "". Nix's own link would lead to where its store is not. */
  constructor(outLink: string | null, root: string) {
    this.#outLink = outLink;
    this.#root = root;
    if (outLink === null) this.options = ["--no-link"];
    else if (root === "") this.options = ["--out-link", outLink];
    else this.options = ["--out-link", join(root, "nix/var/nix/gcroots", `imgc-${basename(outLink)}`)];
  }

  finish(outputs: string[]): void {
    const link = this.#outLink;
    if (link === null || this.#root === "") return;
    for (const [i, output] of outputs.entries()) {
      const name = i === 0 ? link : `${link}-${i}`;
      const beside = ownBeside(name);
      symlinkSync(resolve(this.#root + output), beside);
      renameSync(beside, name);
    }
  }
}
