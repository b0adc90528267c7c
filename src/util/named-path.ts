/** Looks up the paths that users name, and says why there is nothing at a path. */
import { lstatSync, readdirSync, readlinkSync, statSync, type Dirent, type Stats } from "node:fs";
import { EXIT, ImgcError, isOfMachine, messageOf } from "./errors.ts";
import { printableLine } from "./printable.ts";

/** Follows links. Undefined if nothing is at the path, also for a link that leads nowhere or back to itself. */
export function statNamed(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ELOOP") return undefined;
    throw cannotRead(path, error);
  }
}

/** The entries of a folder. With the encoding `latin1`, each name has one character for each byte. */
export function entriesOf(folder: string | Buffer, encoding: "utf8" | "latin1" = "utf8"): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding });
  } catch (error) {
    throw cannotRead(folder.toString(), error);
  }
}

function cannotRead(path: string, error: unknown): Error {
  if (isOfMachine(error)) return error;
  return new ImgcError(EXIT.usage, `cannot read ${printableLine(path)}: ${printableLine(messageOf(error))}`);
}

/** Says why `statNamed` found nothing: `result is a link to /nix/store/…, which does not exist`. */
export function missingText(path: string): string {
  const target = linkTarget(path);
  const name = printableLine(path);
  if (target === undefined) return `${name} does not exist`;
  try {
    statSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ELOOP")
      return `${name} is a link that leads back to itself`;
  }
  return `${name} is a link to ${printableLine(target)}, which does not exist`;
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
