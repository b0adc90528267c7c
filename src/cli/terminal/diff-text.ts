/** Formats a comparison of images as text of 80 columns. */
import type { Difference, Differences, LayerChange } from "../../diff/compare.ts";
import type { ConfigChange } from "../../diff/config.ts";
import type { FileChange } from "../../diff/files.ts";
import { printableLine } from "../../util/printable.ts";
import { quantity, sizeText } from "../../util/quantities.ts";

/** The number of entries that each list shows; the rest is only counted. */
const LIMIT = 20;
const WIDTH = 80;

export function diffText(difference: Difference | Differences): string {
  const { before, after } = difference;
  if (before === after) return `the same image: ${before}\n`;
  const body = "platforms" in difference ? platformLines(difference) : lines(difference);
  return [`before  ${before}`, `after   ${after}`, ...body, ""].join("\n");
}

function platformLines({ platforms, removed, added }: Differences): string[] {
  return [
    ...removed.map((platform) => `- ${platform}`),
    ...added.map((platform) => `+ ${platform}`),
    ...platforms.flatMap(({ platform, difference }) =>
      difference.before === difference.after
        ? [`${platform}: the same image`]
        : [`${platform}:`, ...lines(difference).map((line) => `  ${line}`)],
    ),
  ];
}

/** In the order of a review: config, contents, bytes to pull. */
function lines({ config, layers, paths, files, pull }: Difference): string[] {
  const layer = ({ index, name, size }: LayerChange) =>
    `layer ${index + 1} (${printableLine(name)}), ${sizeText(size)}`;
  return [
    ...(config.length > 0 ? ["config"] : []),
    ...list(config, configLines).flat(),
    ...(paths.removed.length + paths.added.length > 0 ? ["store paths"] : []),
    ...list(paths.removed, (path) => fitted("  - ", path)),
    ...list(paths.added, (path) => fitted("  + ", path)),
    ...(files.length > 0 ? ["files"] : []),
    ...list(files, fileLines).flat(),
    `layers  ${layers.same} the same, ${layers.removed.length} gone, ${layers.added.length} new`,
    ...list(layers.removed, (each) => `  - ${layer(each)}`),
    ...list(layers.added, (each) => `  + ${layer(each)}`),
    `to pull ${sizeText(pull.bytes)} of ${sizeText(pull.of)}, ${quantity(pull.layers, "layer")}`,
  ];
}

function configLines({ name, before, after }: ConfigChange): string[] {
  if (before === null) return [fitted("  + ", `${name} ${after}`)];
  if (after === null) return [fitted("  - ", `${name} ${before}`)];
  const line = `  ~ ${printableLine(`${name} ${before} -> ${after}`)}`;
  if (line.length <= WIDTH - 2) return [line];
  return [fitted("  ~ ", name), fitted("      ", before), fitted("   -> ", after)];
}

function fileLines({ name, before, after, attributes }: FileChange): string[] {
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
  const rest = values.length - LIMIT;
  return [
    ...values.slice(0, LIMIT).map((value) => show(value)),
    ...(rest > 0 ? [`    and ${rest} more (--json has all)`] : []),
  ];
}
