/**
 * The files of an image's folder, by their names in it. Links in the path of the folder itself are followed, since the user
 * names that path. Inside of the folder, a link is followed only between store paths: image directories and layouts in a store
 * have links to other paths of the same store (`layers/000.json`, `images/000`, `blobs/sha256/…`). Copies outside of a store
 * must contain the files (`cp -RL`).
 */
import { lstatSync, opendirSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { join, posix } from "node:path";
import { kindOf } from "../util/regular-file.ts";
import { ImageError } from "../oci/image-error.ts";
import { isOfMachine, messageOf } from "../util/errors.ts";
import { STORE_DIR, STORE_NAME } from "../store/store-path.ts";

/** Limit of listed files and folders. A layout of ten thousand images has fewer. */
const MAX_NAMES = 200_000;
/** Limit of consecutive links, such as an image's link to a folder of blobs and a blob's link to its file. */
const MAX_LINKS = 4;
const TO_STORE_PATH = new RegExp(`^.*?/${STORE_NAME}(?=/|$)`);
const STORE_AND_INSIDE = new RegExp(`^(/.*)/(${STORE_NAME}(?:/.*)?)$`);

export class ImageFolder {
  /** The name of the folder in messages. */
  readonly #title: string;
  readonly #real: string;
  /** The store that contains the folder, if any. */
  readonly #store: string | undefined;

  constructor(path: string, title = path) {
    this.#title = title;
    this.#real = orUnreadable(title, () => realpathSync(path));
    this.#store = storeOf(this.#real);
  }

  /** The path of a name, for messages. */
  where(name: string): string {
    return join(this.#title, name);
  }

  /** Whether a name exists, of any kind. */
  has(name: string): boolean {
    return lstat(join(this.#real, name)) !== undefined && !leadsOut(name);
  }

  /** The real path of a file or folder. */
  place(name: string): string {
    if (leadsOut(name)) throw new ImageError(`${name} leads out of ${this.#title}`);
    let at = this.#real;
    for (const part of name.split("/")) {
      at = join(at, part);
      for (let links = 0; ; links++) {
        const stat = lstat(at);
        if (stat === undefined) throw new ImageError(`there is no ${this.where(name)}`);
        if (!stat.isSymbolicLink()) break;
        at = this.#target(at, name, links);
      }
    }
    return at;
  }

  /** The real path of a regular file. */
  file(name: string): string {
    const at = this.place(name);
    const stat = lstatSync(at);
    if (!stat.isFile()) throw new ImageError(`${this.where(name)} is a ${kindOf(stat)}, not a file`);
    return at;
  }

  /** Names in a folder, sorted. */
  list(name: string): string[] {
    const at = this.place(name);
    return orUnreadable(this.where(name), () => [...entries(at)].map((entry) => entry.name)).toSorted();
  }

  /** Names of all files at any depth, folders excluded; links are listed, not followed. */
  names(): string[] {
    const found: string[] = [];
    const folders = [""];
    let count = 0;
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const inside = folder;
      orUnreadable(this.where(inside), () => {
        for (const entry of entries(join(this.#real, inside))) {
          if (++count > MAX_NAMES) throw new ImageError(`${this.#title} has more than ${MAX_NAMES} files`);
          (entry.isDirectory() ? folders : found).push(posix.join(inside, entry.name));
        }
      });
    }
    return found;
  }

  #target(at: string, name: string, links: number): string {
    const link = readlinkSync(at);
    const to = this.#store === undefined ? undefined : inStore(this.#store, at, link);
    if (to !== undefined && links < MAX_LINKS && !`${this.#real}/`.startsWith(`${storePathOf(to)}/`)) return to;
    throw new ImageError(
      `${this.where(name)} is a link to ${link}; links are followed only between the paths of a Nix store` +
        (this.#store === undefined ? " (copy an image out of a store with `cp -RL`)" : ""),
    );
  }
}

/** The paths that a Nix store can have: `/nix/store`, and those of Nix's variables. */
export function storeFolders(): string[] {
  const named = ["NIX_STORE_DIR", "NIX_STORE"].map((name) => process.env[name] ?? "");
  return [STORE_DIR, ...named.filter((folder) => folder !== "")];
}

/** The store that contains `real`; it may be a chroot store. */
function storeOf(real: string): string | undefined {
  for (const folder of storeFolders()) {
    const at = real.indexOf(`${folder}/`);
    if (at < 0) continue;
    const store = real.slice(0, at + folder.length);
    if (new RegExp(`^/${STORE_NAME}(/|$)`).test(real.slice(store.length))) return store;
  }
  return undefined;
}

/** The store path that contains a path in a store. */
function storePathOf(place: string): string {
  return TO_STORE_PATH.exec(place)?.[0] ?? place;
}

/** A link's target, if it is in a store path. In a chroot store, absolute targets lack the folder of the chroot. */
function inStore(store: string, at: string, link: string): string | undefined {
  const [, folder, inside] = STORE_AND_INSIDE.exec(posix.resolve(at, "..", link)) ?? [];
  if (folder === undefined || inside === undefined) return undefined;
  const isSame = folder === store || (link.startsWith("/") && store.endsWith(folder));
  return isSame && leadsThroughFolders(store, inside) ? join(store, inside) : undefined;
}

/** Whether all parts before the last are folders, not links. */
function leadsThroughFolders(store: string, inside: string): boolean {
  const parts = inside.split("/").slice(0, -1);
  return parts.every((_, i) => lstat(join(store, ...parts.slice(0, i + 1)))?.isDirectory() === true);
}

function leadsOut(name: string): boolean {
  return name.startsWith("/") || name.includes("\0") || name.split("/").includes("..");
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A part of the path is a file, or the name is too long.
  }
}

function* entries(folder: string) {
  const opened = opendirSync(folder);
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) yield entry;
  } finally {
    opened.closeSync();
  }
}

function orUnreadable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImageError || isOfMachine(error)) throw error;
    throw new ImageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}
