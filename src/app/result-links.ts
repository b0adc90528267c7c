/** Symbolic links to the outputs of a build; they are also GC roots. */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { STORE_DIR } from "../store/store-path.ts";
import { EXIT, ImgcError, messageOf } from "../util/errors.ts";
import { makeFolder } from "../util/make-folder.ts";
import { printableLine } from "../util/printable.ts";
import { ownBeside } from "../util/temporary.ts";

export class ResultLinks {
  /** Options for `nix build`. */
  readonly options: string[];
  readonly #outLink: string | null;
  readonly #root: string;

  /** `root`: the folder of a chroot store, or "". In a chroot store, a link made by Nix would not lead into `root`. */
  constructor(outLink: string | null, root: string) {
    this.#outLink = outLink;
    this.#root = root;
    if (outLink === null) this.options = ["--no-link"];
    else if (root === "") this.options = ["--out-link", outLink];
    else this.options = ["--out-link", join(root, "nix/var/nix/gcroots", `imgc-${basename(outLink)}`)];
  }

  /** The outputs of the last build, as `finish` got them; links that lead elsewhere are left out. */
  earlier(count: number): string[] {
    const link = this.#outLink;
    if (link === null) return [];
    return Array.from({ length: count }, (_, i) => targetOf(linkName(link, i)) ?? "").flatMap((target) =>
      target.startsWith(`${this.#root}${STORE_DIR}/`) ? [target.slice(this.#root.length)] : [],
    );
  }

  /**
   * Throws before a build whose links could not be made, or would replace files of the user. `count`: the number of
   * outputs.
   */
  requireFree(count: number): void {
    if (this.#outLink === null) return;
    requireWritable(dirname(resolve(this.#outLink)));
    for (let i = 0; i < count; i++) requireLink(linkName(this.#outLink, i));
  }

  /**
   * Puts the links in the order of the outputs: Nix numbers them in another order. A GC root names a link, not its
   * target, so the outputs stay rooted.
   */
  finish(outputs: string[]): void {
    const link = this.#outLink;
    if (link === null || (this.#root === "" && outputs.length === 1)) return;
    makeFolder(dirname(resolve(link)));
    for (const [i, output] of outputs.entries()) {
      const name = linkName(link, i);
      requireLink(name);
      const beside = ownBeside(name);
      symlinkSync(resolve(this.#root + output), beside);
      renameSync(beside, name);
    }
  }
}

/** The name of the link to an output, by the output's number. */
export function linkName(link: string, i: number): string {
  return i === 0 ? link : `${link}-${i}`;
}

/** The links `LINK-N` into the store that a build with this number of outputs does not make, so that an earlier build made them. */
export function earlierLinks(link: string, outputs: number): string[] {
  const prefix = `${basename(link)}-`;
  const isEarlier = (name: string): boolean => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    return /^[1-9]\d*$/.test(number) && Number(number) >= outputs && leadsToStore(join(dirname(link), name));
  };
  return readdirSync(dirname(link))
    .filter(isEarlier)
    .map((name) => join(dirname(link), name));
}

/** Throws if a file or folder that is not a link into a store is at the path. */
function requireLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined || leadsToStore(path)) return;
  const name = printableLine(path);
  throw new ImgcError(EXIT.usage, `${name} is not a link to a built image: move it, or name another link with -o`);
}

/** Throws if no file can be made in a folder, or in the nearest folder above it that exists. */
function requireWritable(folder: string): void {
  if (!existsSync(folder) && dirname(folder) !== folder) return requireWritable(dirname(folder));
  try {
    if (!statSync(folder).isDirectory()) throw new Error("it is not a folder");
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const problem = `cannot make a link in ${printableLine(folder)}: ${printableLine(messageOf(error))}`;
    throw new ImgcError(EXIT.environment, `${problem}; name another link with -o, or use --no-link`);
  }
}

function leadsToStore(path: string): boolean {
  return targetOf(path)?.includes(`${STORE_DIR}/`) === true;
}

/** The target of a link; undefined if the path is not a link. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
