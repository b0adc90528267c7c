/** `imgc build`: compiles, runs `nix build`, updates imgc.lock and prints a summary. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { BuiltDerivation } from "../../nix/build-log.ts";
import { outputsOf } from "../../store/derivation.ts";
import { printable, printableJson, printableLine } from "../../util/printable.ts";
import { buildSpec, type BuiltImage } from "../../app/build.ts";
import { sizeText } from "../../util/quantities.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { lockPath } from "../../app/lock-file.ts";
import { lockLayers } from "../../app/lock-layers.ts";
import { sha256 } from "../../oci/digest.ts";
import { reporting } from "../terminal/reporter.ts";

export interface BuildCommandOptions extends SpecOptions {
  outLink: string;
  /** False with `--no-link`. */
  link: boolean;
  json?: boolean;
}

export async function build(file: string, nix: string[], options: BuildCommandOptions): Promise<void> {
  const outLink = options.link ? options.outLink : null;
  const { images, built, root } = await reporting(
    onInterrupt(),
    async (context) => await buildSpec(file, { ...options, outLink, nix }, context),
    { logs: nix.includes("-L") || nix.includes("--print-build-logs") },
  );
  keepLock(file, images);
  const summaries = images.map((image) => summary(image, built, root));
  process.stdout.write(
    options.json === true
      ? `${printableJson(JSON.stringify({ images: summaries, built }, null, 2))}\n`
      : printable(
          summaries.map((each, i) => words(each, options.link ? linkName(options.outLink, i) : each.output)).join("") +
            builtWords(built),
        ),
  );
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

/** The summary of an image. `size`: bytes in a registry (compressed); `unpackedSize`: bytes of the tar streams. */
interface Summary {
  name: string;
  tag: string;
  digest: string;
  size: number;
  unpackedSize: number;
  /** Lowest layer first; `built`: this build hashed the layer, instead of reusing it. */
  layers: { name: string; digest: string; size: number; built: boolean }[];
  output: string;
}

function summary({ output, image }: BuiltImage, built: BuiltDerivation[], root: string): Summary {
  const { file, layers, manifest, manifestBytes } = image;
  const made = built.flatMap(({ derivation }) => outputsOf(root + derivation)).map((path) => root + path);
  const recipes = recipePaths(image.path);
  return {
    name: file.name,
    tag: file.tag,
    digest: sha256(manifestBytes),
    size: manifestBytes.length + manifest.config.size + layers.reduce((sum, layer) => sum + layer.size, 0),
    unpackedSize: layers.reduce((sum, layer) => sum + layer.diffSize, 0),
    layers: layers.map(({ name, digest, size }, i) => {
      const isBuilt = made.some((path) => recipes[i]?.startsWith(path));
      return { name, digest, size, built: isBuilt };
    }),
    output,
  };
}

/** The store path of each layer's file. */
function recipePaths(image: string): string[] {
  const folder = join(image, "layers");
  return readdirSync(folder)
    .toSorted()
    .map((name) => realpathSync(join(folder, name)));
}

function words({ name, tag, digest, size, unpackedSize, layers }: Summary, at: string): string {
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

function builtWords(built: BuiltDerivation[]): string {
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
