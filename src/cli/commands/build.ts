/** `imgc build`: compiles, runs `nix build`, updates imgc.lock and prints a summary. */
import { existsSync } from "node:fs";
import type { BuiltDerivation } from "../../nix/build-log.ts";
import { printable, printableJson, printableLine } from "../../util/printable.ts";
import { buildSpec, type BuiltImage } from "../../app/build.ts";
import { summaries, type ImageSummary } from "../../app/build-summary.ts";
import { sizeText } from "../../util/quantities.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { lockPath } from "../../app/lock-file.ts";
import { lockLayers } from "../../app/lock-layers.ts";
import { reporting } from "../terminal/reporter.ts";

export interface BuildCommandOptions extends SpecOptions {
  outLink: string;
  /** False with `--no-link`. */
  link: boolean;
  json?: boolean;
}

export async function build(file: string, nix: string[], options: BuildCommandOptions): Promise<void> {
  const outLink = options.link ? options.outLink : null;
  const result = await reporting(
    onInterrupt(),
    async (context) => await buildSpec(file, { ...options, outLink, nix }, context),
    { logs: nix.includes("-L") || nix.includes("--print-build-logs") },
  );
  const { built } = result;
  keepLock(file, result.images);
  const images = summaries(result);
  if (options.json === true) {
    process.stdout.write(`${printableJson(JSON.stringify({ images, built }, null, 2))}\n`);
    return;
  }
  const texts = images.map((each, i) => summaryText(each, options.link ? linkName(options.outLink, i) : each.output));
  process.stdout.write(printable(`${texts.join("")}${builtText(built)}`));
}

/** Updates imgc.lock. If the folder is read-only, only prints a note, since the build succeeded. */
function keepLock(file: string, images: BuiltImage[]): void {
  const path = lockPath(file);
  const isFirst = !existsSync(path);
  try {
    lockLayers(file, images);
    if (isFirst) {
      process.stderr.write(
        `imgc: created ${printableLine(path)}; commit it to keep layers stable from build to build\n`,
      );
    }
  } catch (error) {
    if (!(error instanceof ImgcError) || error.exitCode !== EXIT.environment) throw error;
    process.stderr.write(`imgc: ${printable(error.message)}; the next build may put packages into other layers\n`);
  }
}

function summaryText({ name, tag, digest, size, unpackedSize, layers }: ImageSummary, at: string): string {
  const made = layers.filter((layer) => layer.built);
  const which = made.length === 0 ? "all reused" : `${made.length} new: ${shortList(made.map((each) => each.name))}`;
  return [
    printableLine(`${name}:${tag}`),
    `  digest  ${digest}`,
    `  size    ${sizeText(size)} to pull, ${sizeText(unpackedSize)} unpacked`,
    `  layers  ${layers.length}, ${which}`,
    `  path    ${printableLine(at)}`,
    "",
  ].join("\n");
}

function builtText(built: readonly BuiltDerivation[]): string {
  return built.length === 0 ? "nothing to build\n" : `built ${shortList(built.map(({ name }) => name))}\n`;
}

function shortList(names: string[], most = 8): string {
  const shown = [...new Set(names)];
  const rest = shown.length - most;
  return rest > 0 ? `${shown.slice(0, most).join(", ")} and ${rest} more` : shown.join(", ");
}

function linkName(link: string, i: number): string {
  return i === 0 ? link : `${link}-${i}`;
}
