/** Path arguments of commands: a folder stands for the only .imgspec file in it. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isSpec } from "../app/spec-files.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";

/** The argument of a command that needs an .imgspec file. */
export function specFile(path: string): string {
  const found = specIn(path);
  if (found === undefined && isFolder(path)) throw new ImgcError(EXIT.usage, `no .imgspec file in ${path}`);
  return found ?? path;
}

/** The argument of a command that also takes images, which may be folders. */
export function specOrImage(path: string): string {
  return specIn(path) ?? path;
}

export function specsOrImages(path: string, previous: string[] = []): string[] {
  return [...previous, specOrImage(path)];
}

/** The only .imgspec file directly in a folder; undefined if there is none. Prints which file is used. */
function specIn(path: string): string | undefined {
  if (!isFolder(path)) return undefined;
  const names = readdirSync(path).filter(isSpec).toSorted();
  const [only, ...others] = names;
  if (only === undefined) return undefined;
  if (others.length > 0)
    throw new ImgcError(EXIT.usage, `${path} has several .imgspec files; name one of ${names.join(", ")}`);
  const file = join(path, only);
  process.stderr.write(`imgc: using ${printableLine(file)}\n`);
  return file;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
