/** Finds the `.imgspec` files for the path arguments of a command. */
import type { Stats } from "node:fs";
import { join } from "node:path";
import { escapedBytes, printableLine } from "../util/printable.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { entriesOf, missingText, statNamed } from "../util/named-path.ts";

export function isSpec(path: string): boolean {
  return path.endsWith(".imgspec");
}

/** Errors of single files. A command reports the errors after it has handled all other files. */
export class FileErrors {
  readonly #errors: ImgcError[] = [];

  /** Undefined if the work fails with an error about its file. */
  collect<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ImgcError)) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  /** Throws the collected errors as one error with the highest exit code. */
  throwAll(): void {
    if (this.#errors.length === 0) return;
    const messages = this.#errors.map(({ message }) => message);
    throw new ImgcError(Math.max(...this.#errors.map(({ exitCode }) => exitCode)), messages.join("\n"));
  }
}

/**
 * Named files, and all files below named folders, without hidden files, node_modules and targets of symbolic links. Collects
 * the errors of files and folders below named folders.
 */
export function findFiles(paths: readonly string[], errors: FileErrors): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const inside = stat(path).isDirectory() ? [...walk(latin1(path), errors)] : [latin1(path)];
    if (inside.length === 0) {
      errors.throwAll();
      throw new ImgcError(EXIT.usage, `no .imgspec file in ${printableLine(path)}`);
    }
    for (const file of inside) {
      const name = errors.collect(() => utf8(file));
      if (name !== undefined) found.add(name);
    }
  }
  return [...found];
}

function stat(path: string): Stats {
  const found = statNamed(path);
  if (found === undefined) throw new ImgcError(EXIT.usage, missingText(path));
  return found;
}

/** Paths are strings with one character for each byte, since names need not be UTF-8. */
function* walk(folder: string, errors: FileErrors): Generator<string> {
  const entries = errors.collect(() => entriesOf(Buffer.from(folder, "latin1"), "latin1")) ?? [];
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path, errors);
    else if (entry.isFile() && isSpec(entry.name)) yield path;
  }
}

function latin1(path: string): string {
  return Buffer.from(path).toString("latin1");
}

function utf8(path: string): string {
  const bytes = Buffer.from(path, "latin1");
  const text = bytes.toString();
  if (Buffer.from(text).equals(bytes)) return text;
  throw new ImgcError(EXIT.usage, `the name of the file ${escapedBytes(path)} is not UTF-8: rename the file`);
}
