// The files of an editor: what is open, over what is on disk. Every file is checked at most once between two changes.
import { join } from "node:path";
import { check, type CheckResult, type Host, type Module } from "../language/index.ts";

/** What the disk offers beside the language's own questions. */
export interface Disk extends Host {
  /** Names in a folder, those of folders with a slash at the end; none where it cannot be read. */
  list(folder: string): string[];
}

interface Checked {
  result: CheckResult;
  /** Every path whose content or existence was asked for. */
  asked: Set<string>;
}

export class Workspace {
  readonly disk: Disk;
  folders: string[] = [];
  /** Milliseconds that the last check took. */
  took = 0;
  readonly #open = new Map<string, string>();
  readonly #checked = new Map<string, Checked>();

  constructor(disk: Disk) {
    this.disk = disk;
  }

  /** Sets the text of an open file, or closes it; gives the open files that this may change, itself first. */
  set(path: string, text: string | undefined): string[] {
    if (text === undefined) this.#open.delete(path);
    else this.#open.set(path, text);
    const others = this.changed(path).filter((each) => each !== path);
    return text === undefined ? others : [path, ...others];
  }

  /** Says that a file on disk is another one now; gives the open files that this may change. */
  changed(path: string): string[] {
    for (const [file, { asked }] of this.#checked) if (asked.has(path)) this.#checked.delete(file);
    return [...this.#open.keys()].filter((file) => !this.#checked.has(file));
  }

  /** Says that anything on disk may be another one now. */
  changedAny(): string[] {
    this.#checked.clear();
    return [...this.#open.keys()];
  }

  /** A file with all it imports; undefined when there is none. */
  check(path: string): CheckResult | undefined {
    const known = this.#checked.get(path);
    if (known !== undefined) return known.result;
    const asked = new Set([path]);
    const text = this.#read(path);
    if (text === undefined) return undefined;
    const host: Host = {
      read: (other) => {
        asked.add(other);
        return this.#read(other);
      },
      exists: (other) => {
        asked.add(other);
        return this.#open.has(other) || this.disk.exists(other);
      },
    };
    const started = performance.now();
    const result = check({ path, text }, host);
    this.took = performance.now() - started;
    this.#checked.set(path, { result, asked });
    return result;
  }

  /** Every file that is open or in a folder of the workspace. */
  *modules(): Generator<Module> {
    const paths = new Set(this.#open.keys());
    for (const folder of this.folders) for (const path of this.#specs(folder)) paths.add(path);
    for (const path of paths) {
      const result = this.check(path);
      if (result !== undefined) yield result.root;
    }
  }

  /** The .imgspec files of a folder at any depth; not in hidden folders, nor in installed packages. */
  *#specs(folder: string): Generator<string> {
    for (const name of this.disk.list(folder)) {
      if (name.startsWith(".") || name === "node_modules/") continue;
      if (name.endsWith("/")) yield* this.#specs(join(folder, name));
      else if (name.endsWith(".imgspec")) yield join(folder, name);
    }
  }

  #read(path: string): string | undefined {
    return this.#open.get(path) ?? this.disk.read(path);
  }
}
