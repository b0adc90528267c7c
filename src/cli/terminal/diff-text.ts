/** Formats a comparison of images as text of 80 columns. */
import type { Difference, Differences, LayerChange } from "../../diff/compare.ts";
import type { ConfigChange } from "../../diff/config.ts";
import type { FileChange } from "../../diff/files.ts";
import { printableLine } from "../../util/printable.ts";
import { quantity, sizeText } from "../../util/quantities.ts";
import type { Layout, Meaning, Paint } from "./style.ts";
import { fitMiddle } from "./width.ts";
import { COLUMNS } from "../../util/wrap.ts";

/** The number of entries that each list shows; the rest is only counted. */
const LIMIT = 20;

export function diffText(difference: Difference | Differences, { width, paint }: Layout): string {
  const { before, after } = difference;
  if (before === after) return `the same image: ${before}\n`;
  // Lines fit even when indented once more.
  const fit = (start: string, name: string, end = "") =>
    start + fitMiddle(name, width - 2 - start.length - end.length) + end;
  const body = "platforms" in difference ? platformLines(difference, fit) : lines(difference, fit);
  return [`before  ${before}`, `after   ${after}`, ...body, ""]
    .map((line) => painted(printableLine(line), paint))
    .join("\n");
}

/** A line that fits: the middle of a long name is left out. */
type Fit = (start: string, name: string, end?: string) => string;

const MARKS: Record<string, Meaning> = { "+": "added", "-": "removed", "~": "changed" };

function painted(line: string, paint: Paint): string {
  const mark = /^ *([-+~]) /.exec(line)?.[1] ?? "";
  const meaning = MARKS[mark];
  if (meaning !== undefined) return paint(meaning, line);
  return line.replace(/^ *(?:forms|config|store paths|files|layers|to pull)(?= |$)/, (heading) =>
    paint("title", heading),
  );
}

function platformLines({ platforms, removed, added }: Differences, fit: Fit): string[] {
  return [
    ...removed.map((platform) => `- ${platform}`),
    ...added.map((platform) => `+ ${platform}`),
    ...platforms.flatMap(({ platform, difference }) =>
      difference.before === difference.after
        ? [`${platform}: the same image`]
        : [`${platform}:`, ...lines(difference, fit).map((line) => `  ${line}`)],
    ),
  ];
}

/** In the order of a review: config, contents, bytes to pull. */
function lines({ forms, config, layers, paths, files, pull }: Difference, fit: Fit): string[] {
  const layer = ({ index, name, size }: LayerChange) => `layer ${index + 1} (${name}), ${sizeText(size)}`;
  return [
    ...formLines(forms),
    ...(config.length > 0 ? ["config"] : []),
    ...list(config, (change) => configLines(change, fit)).flat(),
    ...(paths.removed.length + paths.added.length > 0 ? ["store paths"] : []),
    ...list(paths.removed, (path) => fit("  - ", path)),
    ...list(paths.added, (path) => fit("  + ", path)),
    ...(files.length > 0 ? ["files"] : []),
    ...list(files, (change) => fileLines(change, fit)).flat(),
    `layers  ${layers.same} the same, ${layers.removed.length} gone, ${layers.added.length} new`,
    ...recompressedLines(layers),
    ...list(layers.removed, (each) => `  - ${layer(each)}`),
    ...list(layers.added, (each) => `  + ${layer(each)}`),
    `to pull ${sizeText(pull.bytes)} of ${sizeText(pull.of)}, ${quantity(pull.layers, "layer")}`,
    ...chunkedLines(pull),
  ];
}

function formLines(forms: Difference["forms"]): string[] {
  if (forms === undefined) return [];
  const { before, after, same } = forms;
  const compared = before === after ? `the ${before} forms` : `the ${before} form with the ${after} form`;
  const others = same.filter((form) => form !== before || form !== after);
  return [`forms   this compares ${compared}`, ...others.map((form) => `        the ${form} forms are the same`)];
}

/** Layers of the same content count as the same, but clients pull each blob. */
function recompressedLines({ same, recompressed }: Difference["layers"]): string[] {
  if (recompressed === 0) return [];
  return [`        ${recompressed} of the ${same} in another compression: clients pull these again`];
}

function chunkedLines({ bytes, chunked }: Difference["pull"]): string[] {
  if (chunked === undefined) return [];
  // Tables and headers can cost more than the reuse saves.
  const line = (size: number, reused: string) =>
    size < bytes
      ? `        ${sizeText(size)} by clients that reuse ${reused}`
      : `        no bytes saved by clients that reuse ${reused}`;
  return [line(chunked.chunks, "parts of files"), line(chunked.files, "only whole files")];
}

function configLines({ name, before, after }: ConfigChange, fit: Fit): string[] {
  if (before === null) return [fit("  + ", `${name} ${after}`)];
  if (after === null) return [fit("  - ", `${name} ${before}`)];
  const line = `  ~ ${name} ${before} -> ${after}`;
  if (line.length <= COLUMNS - 2) return [line];
  return [fit("  ~ ", name), fit("      ", before), fit("   -> ", after)];
}

function fileLines({ name, before, after, attributes }: FileChange, fit: Fit): string[] {
  const more = attributes === undefined ? [] : [fit("      ", attributes)];
  if (before === null) return [fit("  + ", name, more.length > 0 ? "" : `, ${sizeText(after ?? 0)}`), ...more];
  if (after === null) return [fit("  - ", name, more.length > 0 ? "" : `, ${sizeText(before)}`), ...more];
  // Links and folders have the size 0.
  const isEmpty = before === 0 && after === 0;
  const size = isEmpty ? "" : `, ${sizeText(before)}${before === after ? "" : ` -> ${sizeText(after)}`}`;
  return [fit("  ~ ", name, size), ...more];
}

function list<T, S extends string | string[]>(values: T[], show: (value: T) => S): (S | string)[] {
  const rest = values.length - LIMIT;
  return [
    ...values.slice(0, LIMIT).map((value) => show(value)),
    ...(rest > 0 ? [`    and ${rest} more (--json has all)`] : []),
  ];
}
