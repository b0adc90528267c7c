/** `imgc import FILE`: converts a Dockerfile, a Nix expression or an apko file to an image description. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { format } from "../../format/format.ts";
import { importNix } from "../../app/import-nix.ts";
import { importText, kindOf, KINDS, type ImportKind } from "../../import/import-file.ts";
import { specText } from "../../import/spec-text.ts";
import { checkOnDisk } from "../../app/read-spec.ts";
import { EXIT, Reported, ImgcError } from "../../util/errors.ts";
import { printable, printableLine } from "../../util/printable.ts";
import { createText, readSource } from "../../util/text-files.ts";
import { report } from "../terminal/diagnostics.ts";

export interface ImportCommandOptions {
  from?: ImportKind;
  output?: string;
  nixpkgs?: string;
}

/** Without `-o`, the description goes to standard output; paths in it are relative to the imported file's folder. */
export async function importFile(file: string, options: ImportCommandOptions): Promise<void> {
  const text = readSource(file);
  const kind = options.from ?? kindOf(file, text);
  if (kind === undefined)
    throw new ImgcError(EXIT.usage, `cannot tell the kind of ${file} by its name; say --from ${KINDS.join("|")}`);
  const folder = dirname(resolve(file));
  const path = options.output === undefined ? join(folder, "image.imgspec") : resolve(options.output);
  if (options.output !== undefined && dirname(path) !== folder)
    throw new ImgcError(
      EXIT.usage,
      `write ${options.output} into ${folder}: paths in a description are relative to its folder`,
    );
  if (options.output !== undefined && existsSync(path))
    throw new ImgcError(EXIT.usage, `${options.output} exists, and import replaces no file`);
  const imported =
    kind === "nix" ? await importNix(resolve(file), options.nixpkgs) : importText(kind, resolve(file), text);
  const source = await format({ path, text: specText(imported) });
  if (options.output === undefined) process.stdout.write(printable(source.text));
  else createText(path, source.text);
  const { diagnostics, sources } = checkOnDisk({ path, text: source.text });
  report({ diagnostics, sources }, process.stderr);
  if (options.output !== undefined)
    process.stderr.write(
      `Wrote ${printableLine(options.output)}. Read its comments: they name everything that could not be imported.\n`,
    );
  if (diagnostics.some(({ severity }) => severity === "error")) throw new Reported(EXIT.findings);
}
