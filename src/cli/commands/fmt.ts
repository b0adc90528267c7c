/** `imgc fmt`: formats files in place, or lists the files that are not formatted. Files with syntax errors stay unchanged. */
import { buffer } from "node:stream/consumers";
import { format } from "../../format/format.ts";
import { NOT_UTF8, type Source } from "../../language/index.ts";
import { printable, printableLine } from "../../util/printable.ts";
import { difference } from "../terminal/patch.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { FileErrors, findFiles } from "../../app/spec-files.ts";
import { report } from "../terminal/diagnostics.ts";
import { decodeSource, readSource, replaceText } from "../../util/text-files.ts";
import { quantity } from "../../util/quantities.ts";

export interface FmtCommandOptions {
  check?: boolean;
  diff?: boolean;
  stdinFilepath?: string;
}

export async function fmt(paths: string[], options: FmtCommandOptions): Promise<void> {
  if (paths.includes("-") || (paths.length === 0 && options.stdinFilepath !== undefined)) {
    if (paths.length > 1) throw new ImgcError(EXIT.usage, "`-` cannot be combined with other paths");
    const text = decodeSource(await buffer(process.stdin));
    // Formatting would lose bytes that are not UTF-8.
    const write = (formatted: string) => (text.includes(NOT_UTF8) ? false : process.stdout.write(formatted));
    await formatSource({ path: options.stdinFilepath ?? "stdin", text }, options, write);
    return;
  }
  const errors = new FileErrors();
  const files = findFiles(paths.length > 0 ? paths : ["."], errors);
  let changed = 0;
  for (const path of files) {
    const text = errors.collect(() => readSource(path));
    if (text === undefined) continue;
    const source = { path, text };
    const write = (formatted: string): void => {
      if (formatted === text) return;
      errors.collect(() => {
        replaceText(path, formatted);
        process.stderr.write(`formatted ${printableLine(path)}\n`);
      });
    };
    if (await formatSource(source, options, write)) changed += 1;
  }
  if ((options.check || options.diff) && changed > 0)
    process.stderr.write(
      `${changed} of ${quantity(files.length, "file")} would change; run \`imgc fmt\` to write them\n`,
    );
  errors.throwAll();
}

/**
 * Formats one text. Depending on the options, writes the result, prints a patch, or prints the name. Returns whether
 * the text changed.
 */
async function formatSource(
  source: Source,
  options: FmtCommandOptions,
  write: (text: string) => unknown,
): Promise<boolean> {
  const { text, diagnostics } = await format(source);
  const changed = text !== source.text;
  if (diagnostics.length > 0) {
    report({ diagnostics, sources: new Map([[source.path, source]]) }, process.stderr);
    process.exitCode = EXIT.findings;
  }
  if (!options.check && !options.diff) write(text);
  else if (changed) {
    process.exitCode = EXIT.findings;
    process.stdout.write(options.diff ? forTerminal(difference(source, text)) : `${printableLine(source.path)}\n`);
  }
  return changed;
}

/** Escapes control characters on a terminal. Elsewhere the patch stays unchanged, so that `git apply` can read it. */
function forTerminal(patch: string): string {
  return process.stdout.isTTY ? printable(patch) : patch;
}
