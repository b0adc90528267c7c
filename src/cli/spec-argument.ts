/** Path arguments of commands: a folder stands for the only .imgspec file in it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isSpec } from "../app/spec-files.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { entriesOf, statNamed } from "../util/named-path.ts";
import { printableLine } from "../util/printable.ts";

/** The argument of a command that needs an .imgspec file. */
export function specFile(path: string): string {
  const found = specIn(path);
  if (found !== undefined || !isFolder(path)) return found ?? path;
  const name = printableLine(path);
  // Image directories and OCI layouts.
  if (["image.json", "index.json"].some((document) => existsSync(join(path, document))))
    throw new ImgcError(EXIT.usage, `${name} is a built image; name its .imgspec file`);
  throw new ImgcError(EXIT.usage, `no .imgspec file in ${name}; name a file, or run \`imgc init\` there to write one`);
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
  const names = entriesOf(path)
    .map(({ name }) => name)
    .filter(isSpec)
    .toSorted();
  const [only, ...others] = names;
  if (only === undefined) return undefined;
  if (others.length > 0)
    throw new ImgcError(
      EXIT.usage,
      `${printableLine(path)} has several .imgspec files; name one of ${names.join(", ")}`,
    );
  const file = join(path, only);
  process.stderr.write(`imgc: using ${printableLine(file)}\n`);
  return file;
}

function isFolder(path: string): boolean {
  return statNamed(path)?.isDirectory() === true;
}
