/** `imgc build`: compiles, runs `nix build`, updates imgc.lock and prints a summary. */
import { existsSync } from "node:fs";
import { printable, printableJson, printableLine } from "../../util/printable.ts";
import { buildSpec, type BuiltSpec } from "../../app/build.ts";
import { summaries } from "../../app/build-summary.ts";
import { earlierLinks, linkName } from "../../app/result-links.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { lockPath } from "../../app/lock-file.ts";
import { requireUsable } from "../../nix/options.ts";
import { lockLayers } from "../../app/lock-layers.ts";
import { paintFor } from "../terminal/style.ts";
import { builtText, summaryText } from "../terminal/build-text.ts";
import { reporting } from "../terminal/reporter.ts";

export interface BuildCommandOptions extends SpecOptions {
  outLink: string;
  /** False with `--no-link`. */
  link: boolean;
  json?: boolean;
}

export async function build(file: string, nix: string[], options: BuildCommandOptions): Promise<void> {
  const started = performance.now();
  requireUsable(nix);
  const outLink = options.link ? options.outLink : null;
  const result = await reporting(
    onInterrupt(),
    async (context) => await buildSpec(file, { ...options, outLink, nix }, context),
    { logs: nix.includes("-L") || nix.includes("--print-build-logs") },
  );
  const { built } = result;
  keepLock(file, result);
  for (const note of notesOf(result)) process.stderr.write(`imgc: ${printableLine(note)}\n`);
  const images = summaries(result);
  const outputs = [...new Set(images.map(({ output }) => output))];
  for (const link of outLink === null ? [] : earlierLinks(outLink, outputs.length))
    process.stderr.write(
      `imgc: ${printableLine(link)} is a link of an earlier build, and not to an image of this one; delete it if you do not need it\n`,
    );
  if (options.json === true) {
    process.stdout.write(`${printableJson(JSON.stringify({ images, built }, null, 2))}\n`);
    return;
  }
  const paint = paintFor(process.stdout);
  for (const each of images) {
    const link = outLink === null ? undefined : linkName(outLink, outputs.indexOf(each.output));
    process.stdout.write(summaryText(each, link, paint));
  }
  process.stdout.write(builtText(built, performance.now() - started));
}

/** The notes of the images, each once: the forms and platforms of an image have the same notes. */
function notesOf({ images }: BuiltSpec): Set<string> {
  return new Set(images.flatMap(({ image: { file } }) => (file.notes ?? []).map((note) => `${file.name}: ${note}`)));
}

/** Updates imgc.lock. If the folder is read-only, only prints a note, since the build succeeded. */
function keepLock(file: string, result: BuiltSpec): void {
  const path = lockPath(file);
  const isFirst = !existsSync(path);
  try {
    lockLayers(file, result);
    if (isFirst && existsSync(path)) {
      process.stderr.write(
        `imgc: created ${printableLine(path)}; commit it to keep layers stable from build to build\n`,
      );
    }
  } catch (error) {
    if (!(error instanceof ImgcError) || error.exitCode !== EXIT.environment) throw error;
    process.stderr.write(`imgc: ${printable(error.message)}; the next build may put packages into other layers\n`);
  }
}
