/** `imgc diff`: compares two images, and shows what clients of the first must pull for the second. */
import { printable, printableJson, printableLine } from "../../util/printable.ts";
import { compareAll, type Difference, type Differences, type LayerChange } from "../../diff/compare.ts";
import type { ConfigChange } from "../../diff/config.ts";
import type { FileChange } from "../../diff/files.ts";
import { directoryImages, fileImages, type AnyImages } from "../../image/any-image.ts";
import { isDigestsFile } from "../../image/digests-file.ts";
import { isIndexDirectory } from "../../image/index-directory.ts";
import { isImageDirectory } from "../../image/image-directory.ts";
import { withImageDocuments } from "../../app/find-image.ts";
import { sizeText, quantity } from "../../util/quantities.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { specImages } from "../../app/image-argument.ts";
import { isSpec } from "../../app/spec-files.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { openImages } from "../../app/open-image.ts";
import { ImageError } from "../../oci/image-error.ts";
import { FETCHING, reporting } from "../terminal/reporter.ts";

export interface DiffCommandOptions extends SpecOptions {
  insecure?: boolean;
  json?: boolean;
}

/** The number of entries shown of each list; the rest is only counted. */
const SHOWN = 20;
const WIDTH = 80;

export async function diff(before: string, after: string, options: DiffCommandOptions): Promise<void> {
  const signal = onInterrupt();
  const fetchOptions = { insecure: options.insecure === true, platform: options.platform ?? "all", ...FETCHING };
  const open = async (path: string) => await images(path, options, signal);
  const difference = await withImageDocuments(before, fetchOptions, async (beforePath, fetchBefore) =>
    withImageDocuments(after, fetchOptions, async (afterPath, fetchAfter) => {
      using beforeImages = await open(beforePath);
      using afterImages = await open(afterPath);
      const bring = async (digests: Set<string>) => {
        await fetchBefore(digests);
        await fetchAfter(digests);
      };
      return await compareAll(beforeImages, afterImages, { bring, signal });
    }),
  );
  process.stdout.write(
    options.json === true ? `${printableJson(JSON.stringify(difference, null, 2))}\n` : printable(text(difference)),
  );
}

async function images(path: string, options: SpecOptions, signal: AbortSignal): Promise<AnyImages> {
  if (isSpec(path))
    return directoryImages(await reporting(signal, async (context) => await specImages(path, options, context)));
  const isDirectory = isImageDirectory(path) || isIndexDirectory(path) || isDigestsFile(path);
  const found = isDirectory ? directoryImages(openImages(path)) : await fileImages(path);
  const { platform } = options;
  if (platform === undefined) return found;
  const wanted = found.images.filter((image) => image.platform === platform);
  if (wanted.length > 0) return { ...found, images: wanted };
  found[Symbol.dispose]();
  throw new ImageError(`${path} has no image for ${platform}`);
}

function text(difference: Difference | Differences): string {
  const { before, after } = difference;
  if (before === after) return `the same image: ${before}\n`;
  const lines = "platforms" in difference ? allWords(difference) : words(difference);
  return [`before  ${before}`, `after   ${after}`, ...lines, ""].join("\n");
}

function allWords({ platforms, removed, added }: Differences): string[] {
  return [
    ...removed.map((platform) => `- ${platform}`),
    ...added.map((platform) => `+ ${platform}`),
    ...platforms.flatMap(({ platform, difference }) =>
      difference.before === difference.after
        ? [`${platform}: the same image`]
        : [`${platform}:`, ...words(difference).map((line) => `  ${line}`)],
    ),
  ];
}

/** In the order of a review: config, contents, bytes to pull. */
function words({ config, layers, paths, files, pull }: Difference): string[] {
  const layer = ({ index, name, size }: LayerChange) =>
    `layer ${index + 1} (${printableLine(name)}), ${sizeText(size)}`;
  return [
    ...(config.length > 0 ? ["config"] : []),
    ...list(config, configWords).flat(),
    ...(paths.removed.length + paths.added.length > 0 ? ["store paths"] : []),
    ...list(paths.removed, (path) => fitted("  - ", path)),
    ...list(paths.added, (path) => fitted("  + ", path)),
    ...(files.length > 0 ? ["files"] : []),
    ...list(files, fileWords).flat(),
    `layers  ${layers.same} the same, ${layers.removed.length} gone, ${layers.added.length} new`,
    ...list(layers.removed, (each) => `  - ${layer(each)}`),
    ...list(layers.added, (each) => `  + ${layer(each)}`),
    `to pull ${sizeText(pull.bytes)} of ${sizeText(pull.of)}, ${quantity(pull.layers, "layer")}`,
  ];
}

function configWords({ name, before, after }: ConfigChange): string[] {
  if (before === null) return [fitted("  + ", `${name} ${after}`)];
  if (after === null) return [fitted("  - ", `${name} ${before}`)];
  const line = `  ~ ${printableLine(`${name} ${before} -> ${after}`)}`;
  if (line.length <= WIDTH - 2) return [line];
  return [fitted("  ~ ", name), fitted("      ", before), fitted("   -> ", after)];
}

function fileWords({ name, before, after, attributes }: FileChange): string[] {
  if (before === null) return [fitted("  + ", name, `, ${sizeText(after ?? 0)}`)];
  if (after === null) return [fitted("  - ", name, `, ${sizeText(before)}`)];
  const size = `, ${sizeText(before)}${before === after ? "" : ` -> ${sizeText(after)}`}`;
  return [fitted("  ~ ", name, size), ...(attributes === undefined ? [] : [fitted("      ", attributes)])];
}

/** A list line that fits even when indented once more: the middle of a long name is left out. */
function fitted(start: string, whole: string, end = ""): string {
  const name = printableLine(whole);
  const room = WIDTH - 2 - start.length - end.length;
  if (name.length <= room) return start + name + end;
  const half = Math.floor((room - 1) / 2);
  return `${start}${name.slice(0, half)}…${name.slice(name.length - half)}${end}`;
}

function list<T, S extends string | string[]>(values: T[], show: (value: T) => S): (S | string)[] {
  const rest = values.length - SHOWN;
  return [
    ...values.slice(0, SHOWN).map((value) => show(value)),
    ...(rest > 0 ? [`    and ${rest} more (--json has all)`] : []),
  ];
}
