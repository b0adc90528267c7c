/** Writes an archive's content into a folder, and never writes or follows a link outside of that folder. */
import { chmodSync, closeSync, linkSync, mkdirSync, openSync, symlinkSync, unlinkSync, writeSync } from "node:fs";
import { isWhiteout } from "../../layer/whiteout.ts";
import { BuildError } from "../build-error.ts";

/** Limits against hostile archives, far above the values of real ones. */
const MAX_ENTRIES = 1_000_000;
const MAX_DEPTH = 256;
const MAX_NAME = 255;
const MAX_PATH = 3000;
/** An archive may unpack to FREE_BYTES, or to MAX_RATIO times its size if this is more. */
const FREE_BYTES = 2 ** 30;
const MAX_RATIO = 1000;

type Kind = "directory" | "file" | "link";

/** Receives the pieces of a file's content; each is valid only during the call. */
type Take = (piece: Buffer) => void;

/** Writes files below a folder. Names are bytes decoded as Latin-1. */
export class TreeWriter {
  readonly #into: string;
  readonly #strip: number;
  readonly #maxBytes: number;
  /** The kinds of the written files, by path below the folder. */
  readonly #kinds = new Map<string, Kind>();
  /** The modes that differ from the default of their entries (layer/modes.ts). */
  readonly #modes = new Map<string, number>();
  #entries = 0;
  #bytes = 0;

  /** `into`: an empty folder; `strip`: the number of leading folders to drop from each name; `size`: the archive's bytes. */
  constructor(into: string, { strip, size }: { strip: number; size: number }) {
    this.#into = Buffer.from(into).toString("latin1");
    this.#strip = strip;
    this.#maxBytes = Math.max(FREE_BYTES, size * MAX_RATIO);
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  /** Sorted, so that the same archive gives the same `modes.json`. */
  get modes(): Record<string, number> {
    return Object.fromEntries([...this.#modes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  directory(name: string, mode: number): void {
    // The entry of the root folder, such as `./` of `tar -C FOLDER .`.
    if (this.#strip === 0 && partsOf(name).length === 0) this.#setMode("", mode, 0o755);
    const path = this.#place(name, "directory");
    if (path !== undefined) this.#setMode(path, mode, 0o755);
  }

  /** Writes a file of `size` bytes; the caller must pass the bytes to the returned function. */
  file(name: string, mode: number, size: number): Take {
    this.#bytes += size;
    if (this.#bytes > this.#maxBytes) {
      throw new BuildError(
        `it unpacks to more than ${this.#maxBytes} bytes, over ${MAX_RATIO} times its size: do not trust this archive`,
      );
    }
    const path = this.#place(name, "file");
    if (path === undefined) return () => {};
    const isProgram = (mode & 0o100) !== 0;
    const at = this.#at(path);
    const fd = openSync(at, "wx", 0o644);
    let left = size;
    const take = (piece: Buffer) => {
      for (let from = 0; from < piece.length;) from += writeSync(fd, piece, from);
      left -= piece.length;
      if (left > 0) return;
      closeSync(fd);
      if (isProgram) chmodSync(at, 0o755);
      this.#setMode(path, mode, isProgram ? 0o755 : 0o644);
    };
    if (size === 0) take(Buffer.alloc(0));
    return take;
  }

  link(name: string, target: string): void {
    if (target === "" || target.includes("\0")) throw new BuildError(`its link ${nameText(name)} has no valid target`);
    const path = this.#place(name, "link");
    if (path !== undefined) symlinkSync(raw(target), this.#at(path));
  }

  /** Adds another name for an earlier file. */
  hardLink(name: string, target: string): void {
    const source = this.#pathOf(target);
    const kind = this.#kinds.get(source ?? "");
    if (source === undefined || kind === undefined || kind === "directory") {
      throw new BuildError(
        `its hard link ${nameText(name)} leads to ${nameText(target)}, which is not an earlier file of the archive`,
      );
    }
    const path = this.#pathOf(name);
    if (path === source || this.#place(name, kind) === undefined || path === undefined) return;
    linkSync(this.#at(source), this.#at(path));
    this.#setMode(path, this.#modes.get(source), undefined);
  }

  /** Removes a previous entry of this name, and makes the folders above. Returns undefined if `strip` drops the name. */
  #place(name: string, kind: Kind): string | undefined {
    if (++this.#entries > MAX_ENTRIES) throw new BuildError(`it has more than ${MAX_ENTRIES} entries`);
    const path = this.#pathOf(name);
    if (path === undefined) return undefined;
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      const found = this.#kinds.get(parent);
      if (found === undefined) this.#make(parent);
      else if (found !== "directory") {
        throw new BuildError(`its entry ${nameText(name)} is below ${nameText(parent)}, which is a ${found}`);
      }
    }
    const before = this.#kinds.get(path);
    if (before === "directory" || kind === "directory") {
      if (before === undefined) this.#make(path);
      else if (before !== kind)
        throw new BuildError(
          `it has ${nameText(name)} twice, as a folder and as a ${before === "directory" ? kind : before}`,
        );
      return path;
    }
    // The later of two entries with one name wins.
    if (before !== undefined) unlinkSync(this.#at(path));
    this.#modes.delete(path);
    this.#kinds.set(path, kind);
    return path;
  }

  #make(path: string): void {
    mkdirSync(this.#at(path), 0o755);
    this.#kinds.set(path, "directory");
  }

  #setMode(path: string, mode: number | undefined, inStore: number | undefined): void {
    if (mode === undefined || mode === inStore) this.#modes.delete(path);
    else this.#modes.set(path, mode);
  }

  /** The path of a name below the folder; undefined if `strip` leaves no part. */
  #pathOf(name: string): string | undefined {
    const all = partsOf(name);
    if (all.includes("..")) throw new BuildError(`its entry ${nameText(name)} leads out of the target with \`..\``);
    const parts = all.slice(this.#strip);
    if (parts.length === 0) return undefined;
    const path = parts.join("/");
    if (path.includes("\0")) throw new BuildError(`its entry ${nameText(name)} has a NUL in its name`);
    if (parts.length > MAX_DEPTH)
      throw new BuildError(`its entry ${nameText(name)} is more than ${MAX_DEPTH} folders deep`);
    if (path.length > MAX_PATH || parts.some((part) => part.length > MAX_NAME)) {
      throw new BuildError(`the name of its entry ${nameText(name)} is too long`);
    }
    const whiteout = parts.find(isWhiteout);
    if (whiteout !== undefined) {
      throw new BuildError(`it contains the whiteout ${nameText(whiteout)}, which would hide another file`);
    }
    return path;
  }

  #at(path: string): Buffer {
    return raw(`${this.#into}/${path}`);
  }
}

function partsOf(name: string): string[] {
  return name.split("/").filter((part) => part !== "" && part !== ".");
}

function raw(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** A name as text for a message, shortened. */
export function nameText(name: string): string {
  const text = Buffer.from(name, "latin1").toString();
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
