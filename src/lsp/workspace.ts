/**
 * The files of an editor. The text of an open file takes the place of the file on disk. A check is cached until one of
 * the files that it read changes.
 */
import { join } from "node:path";
import { check, type CheckResult, type Host, type Module } from "../language/index.ts";

/** The language's access to the disk, and the names in folders. */
export interface Disk extends Host {
  /** The names in a folder; those of folders end with a slash. Empty if the folder cannot be read. */
  list(folder: string): string[];
}

interface CachedCheck {
  result: CheckResult;
  /** Every path whose content or existence the check depends on. */
  dependencies: Set<string>;
}

export class Workspace {
  readonly disk: Disk;
  folders: string[] = [];
  /** The duration of the last check. */
  lastCheckMs = 0;
  readonly #open = new Map<string, string>();
  readonly #checked = new Map<string, CachedCheck>();
  /** The last checks of files whose text has changed since. */
  readonly #outdated = new Map<string, CachedCheck>();

  constructor(disk: Disk) {
    this.disk = disk;
  }

  isOpen(path: string): boolean {
    return this.#open.has(path);
  }

  /** Sets the text of an open file, or closes it. Returns the open files whose check is outdated, the file itself first. */
  set(path: string, text: string | undefined): string[] {
    if (text === undefined) this.#open.delete(path);
    else this.#open.set(path, text);
    const others = this.changed(path).filter((each) => each !== path);
    if (text === undefined) this.#outdated.delete(path);
    return text === undefined ? others : [path, ...others];
  }

  /** Drops the checks that depend on a changed file. Returns the open files whose check is outdated. */
  changed(path: string): string[] {
    for (const [file, cached] of this.#checked)
      if (cached.dependencies.has(path)) {
        this.#checked.delete(file);
        this.#outdated.set(file, cached);
      }
    for (const [file, { dependencies }] of this.#outdated)
      if (file !== path && dependencies.has(path)) this.#outdated.delete(file);
    return [...this.#open.keys()].filter((file) => !this.#checked.has(file));
  }

  /** Drops all checks: any file on disk may have changed. Returns the open files. */
  changedAny(): string[] {
    this.#checked.clear();
    this.#outdated.clear();
    return [...this.#open.keys()];
  }

  /** Checks a file and its imports; undefined if the file does not exist. */
  check(path: string): CheckResult | undefined {
    const known = this.#checked.get(path);
    if (known !== undefined) return known.result;
    const dependencies = new Set([path]);
    const text = this.#read(path);
    if (text === undefined) return undefined;
    const host: Host = {
      read: (other) => {
        dependencies.add(other);
        return this.#read(other);
      },
      exists: (other) => {
        dependencies.add(other);
        return this.#open.has(other) || this.disk.exists(other);
      },
    };
    const started = performance.now();
    const result = check({ path, text }, host);
    this.lastCheckMs = performance.now() - started;
    this.#checked.set(path, { result, dependencies });
    this.#outdated.delete(path);
    return result;
  }

  /** The text of an open file that has changed since its last check, and this check. */
  edited(path: string): { text: string; before: CheckResult } | undefined {
    const before = this.#outdated.get(path)?.result;
    const text = this.#open.get(path);
    return before === undefined || text === undefined ? undefined : { text, before };
  }

  /** Every file that is open, or in a folder of the workspace. */
  *modules(): Generator<Module> {
    const paths = new Set(this.#open.keys());
    for (const folder of this.folders) for (const path of this.#specs(folder)) paths.add(path);
    for (const path of paths) {
      const result = this.check(path);
      if (result !== undefined) yield result.root;
    }
  }

  /** The .imgspec files of a folder at any depth, without hidden folders and node_modules. */
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
