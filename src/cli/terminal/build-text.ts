/** Formats the result of a build as text of 80 columns. */
import type { ImageSummary } from "../../app/build-summary.ts";
import { parseHashingPhase } from "../../layer/hashing.ts";
import { partName } from "../../image/index-entries.ts";
import type { BuiltDerivation } from "../../nix/build-log.ts";
import { printableLine } from "../../util/printable.ts";
import { quantity, sizeText, timeText } from "../../util/quantities.ts";
import type { Paint } from "./style.ts";
import { fact } from "./facts.ts";

/** The most names in a list. */
const LISTED = 8;

/** `link`: the link to the output; undefined if there is none. */
export function summaryText(image: ImageSummary, link: string | undefined, paint: Paint): string {
  const { name, tag, platform, form, digest, index, size, unpackedSize, layers, output } = image;
  const made = layers.filter((layer) => layer.built).map((each) => each.name);
  const kept = layers.length - made.length;
  const some = `${made.length} built (${shortList(made)})`;
  const which =
    made.length === 0 ? "all kept" : kept === 0 ? `all built (${shortList(made)})` : `${some}, ${kept} kept`;
  return [
    paint("title", printableLine(`${name}:${tag}`)),
    ...fact("digest", digest),
    ...(index === undefined ? [] : fact("index", index)),
    ...fact("size", `${sizeText(size)} to pull, ${sizeText(unpackedSize)} unpacked`),
    ...fact("layers", `${layers.length}, ${which}`),
    ...fact("platform", partName(platform, form)),
    ...(link === undefined ? fact("path", output) : fact("link", link)),
    "",
  ].join("\n");
}

/** `milliseconds`: the time of the whole build. */
export function builtText(built: readonly BuiltDerivation[], milliseconds: number): string {
  const time = timeText(milliseconds);
  if (built.length === 0) return `nothing to build, ${time}\n`;
  // The phases of imgc's builders are sentences; other builders report the name of a phase, or none.
  const packages = built.filter(({ phase }) => /^(?:\w+Phase)?$/.test(phase)).map(({ name }) => name);
  const parts = built.length - packages.length;
  const hashed = built.reduce((sum, { phase }) => sum + (parseHashingPhase(phase)?.bytes ?? 0), 0);
  const names = [
    ...(packages.length > 0 ? [shortList(packages)] : []),
    ...(parts > 0 ? [`${quantity(parts, "part")} of the image`] : []),
  ];
  const bytes = hashed > 0 ? `, ${sizeText(hashed)} hashed` : "";
  return [...fact("built", names.join(" and ")), ...fact("time", time + bytes), ""].join("\n");
}

function shortList(names: string[]): string {
  const shown = [...new Set(names)];
  const rest = shown.length - LISTED;
  // The names of layers may have commas, as in `auto, shared`.
  const separator = shown.some((name) => name.includes(",")) ? "; " : ", ";
  return rest > 0 ? `${shown.slice(0, LISTED).join(separator)} and ${rest} more` : shown.join(separator);
}
