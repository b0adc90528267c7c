/** Unpacks layers into a folder, one after the other (image-spec, layer.md). */
import {
  appendFileSync,
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { plainName, TarReader, type TakeContent, type TarEntry } from "../layer/read-tar.ts";
import { OPAQUE, WHITEOUT } from "../layer/whiteout.ts";
import { displayName } from "./file-tree.ts";
import { ImageError } from "../oci/image-error.ts";

export interface UnpackOptions {
  /** The path below the folder for an entry's name; undefined for an entry to skip. */
  place?: (name: string) => string | undefined;
  /** Whether to set the image's owners, modes and times, which needs root; otherwise modes are 0755 and 0644. */
  asRoot?: boolean;
}

/**
 * `into`: a folder with the unpacked lower layers. Devices and pipes are left out, since a container gets its own `/dev`, and
 * so are extended attributes. Hostile entries cannot write, link or remove files outside of the folder.
 */
export async function unpackLayer(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  into: string,
  options: UnpackOptions = {},
): Promise<void> {
  const writer = new Writer(into, options);
  const tar = new TarReader((entry) => writer.add(entry));
  for await (const piece of stream) tar.push(piece);
}

/** Paths are bytes decoded as Latin-1, like the names of entries. */
class Writer {
  readonly #into: string;
  readonly #place: (name: string) => string | undefined;
  readonly #asRoot: boolean;
  /** The paths of this layer, which its own whiteouts do not remove. */
  readonly #own = new Set<string>();

  constructor(into: string, { place = (name) => name, asRoot = false }: UnpackOptions) {
    this.#into = Buffer.from(into).toString("latin1");
    this.#place = place;
    this.#asRoot = asRoot;
  }

  add(entry: TarEntry): TakeContent | undefined {
    const at = this.#pathOf(entry.name);
    if (at === undefined) return undefined;
    if (at === this.#into) {
      if (entry.type === "5") this.#setAttributes(entry, at);
      return undefined;
    }
    const slash = at.lastIndexOf("/");
    const [folder, name] = [at.slice(0, slash), at.slice(slash + 1)];
    if (name === OPAQUE) this.#clear(folder);
    else if (name.startsWith(WHITEOUT)) {
      const hidden = name.slice(WHITEOUT.length);
      if (["", ".", ".."].includes(hidden))
        throw new ImageError(`the entry ${displayName(entry.name)} is a whiteout without a name`);
      remove(`${folder}/${hidden}`);
    } else return this.#write(entry, at);
    return undefined;
  }

  #write(entry: TarEntry, at: string): TakeContent | undefined {
    const { type, target, size } = entry;
    this.#own.add(at);
    const isFolder = type === "5";
    const before = stat(at);
    const isExistingFolder = isFolder && before?.isDirectory() === true;
    if (before !== undefined && !isExistingFolder) remove(at);
    if (type === "1") {
      const linked = this.#pathOf(target);
      if (linked !== undefined && stat(linked) !== undefined) linkSync(raw(linked), raw(at));
      return undefined;
    }
    if (isFolder && !isExistingFolder) mkdirSync(raw(at));
    else if (type === "2") symlinkSync(raw(target), raw(at));
    else if (type === "0" || type === "7") writeFileSync(raw(at), "");
    else if (!isFolder) return undefined;
    let left = size;
    if (left === 0) this.#setAttributes(entry, at);
    return (piece) => {
      appendFileSync(raw(at), piece);
      left -= piece.length;
      if (left === 0) this.#setAttributes(entry, at);
    };
  }

  /**
   * Called after the content is written, since writing changes the time. The owner is set before the mode, since a change of
   * the owner clears setuid and setgid.
   */
  #setAttributes({ type, mode, uid, gid, mtime }: TarEntry, at: string): void {
    const isProgram = type === "5" || (mode & 0o100) !== 0;
    if (this.#asRoot) lchownSync(raw(at), uid, gid);
    if (type !== "2") chmodSync(raw(at), this.#asRoot ? mode : isProgram ? 0o755 : 0o644);
    if (this.#asRoot && type !== "5") lutimesSync(raw(at), mtime, mtime);
  }

  /** The path for an entry, whose folders are created if they are missing. */
  #pathOf(entry: string): string | undefined {
    const name = this.#place(plainName(entry));
    if (name === undefined) return undefined;
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..") || name.includes("\0")) {
      throw new ImageError(`the entry ${displayName(entry)} leads out of the image`);
    }
    let at = this.#into;
    for (const [i, part] of parts.entries()) {
      // Refuses paths below a link: the link could lead anywhere on this machine.
      if (i > 0) this.#makeFolder(at, entry);
      at += `/${part}`;
    }
    return at;
  }

  #makeFolder(at: string, entry: string): void {
    const before = stat(at);
    if (before?.isDirectory() === true) return;
    if (before !== undefined) throw new ImageError(`the entry ${displayName(entry)} is below a file or link`);
    mkdirSync(raw(at));
    chmodSync(raw(at), 0o755);
  }

  /** Removes the files of lower layers from a folder, except folders above files of this layer. */
  #clear(folder: string): void {
    for (const name of readdirSync(raw(folder), "latin1")) {
      const at = `${folder}/${name}`;
      const isFolder = stat(at)?.isDirectory() === true;
      if (isFolder) this.#clear(at);
      const isEmpty = !isFolder || readdirSync(raw(at)).length === 0;
      if (isEmpty && !this.#own.has(at)) remove(at);
    }
  }
}

function stat(at: string): Stats | undefined {
  return lstatSync(raw(at), { throwIfNoEntry: false });
}

function remove(at: string): void {
  rmSync(raw(at), { recursive: true, force: true });
}

function raw(at: string): Buffer {
  return Buffer.from(at, "latin1");
}
