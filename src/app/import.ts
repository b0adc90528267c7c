/** Converts a file of another tool to an image description. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { format } from "../format/format.ts";
import { importText, kindOf, KINDS, type ImportKind } from "../import/import-file.ts";
import { specText } from "../import/spec-text.ts";
import type { Source } from "../language/index.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { readSource } from "../util/text-files.ts";
import { importNix } from "./import-nix.ts";

export interface ImportOptions {
  /** The kind of file; by default recognised by its name and text. */
  from?: ImportKind;
  /** The file to be written, beside the imported one. */
  output?: string;
  /** The package set for a Nix expression. */
  nixpkgs?: string;
}

/**
 * The description, not written yet. Paths in its text are relative to the imported file's folder. `onStep`: receives the
 * progress, in words.
 */
export async function importedSource(
  file: string,
  { from, output, nixpkgs }: ImportOptions,
  onStep: (text: string) => void = () => {},
): Promise<Source> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new ImgcError(EXIT.usage, `${file} is a folder; name a Dockerfile, a .nix file or an apko file in it`);
  const text = readSource(file);
  const kind = from ?? kindOf(file, text);
  if (kind === undefined)
    throw new ImgcError(EXIT.usage, `cannot tell the kind of ${file} by its name; say --from ${KINDS.join("|")}`);
  if (kind === "nix") onStep(`evaluating ${file}`);
  const path = output === undefined ? join(dirname(resolve(file)), "image.imgspec") : newFile(output, file);
  const imported = kind === "nix" ? await importNix(resolve(file), nixpkgs) : importText(kind, resolve(file), text);
  return { path, text: (await format({ path, text: specText(imported) })).text };
}

/** The path of an output, which must be a new file beside the imported one. */
function newFile(output: string, file: string): string {
  const path = resolve(output);
  const folder = dirname(resolve(file));
  if (dirname(path) !== folder)
    throw new ImgcError(
      EXIT.usage,
      `write ${output} into ${folder}: paths in a description are relative to its folder`,
    );
  if (existsSync(path)) throw new ImgcError(EXIT.usage, `${output} exists, and import replaces no file`);
  return path;
}
