/** Colors of the map: how likely clients pull a layer again or, in a comparison, what they pull. */
import type { PageData, PageLayer } from "./data.ts";
import type { SceneBox } from "./scene.ts";

interface Color {
  text: string;
  /** Hue, saturation and lightness of a layer's box. */
  light: [number, number, number];
  dark: [number, number, number];
}

/** The colors of the chances up to each limit, from cold to warm. */
const CHANCES: (Color & { limit: number })[] = [
  { limit: 0.25, text: "under 25\u00a0%", light: [208, 48, 84], dark: [210, 40, 27] },
  { limit: 0.45, text: "25 to 45\u00a0%", light: [172, 40, 79], dark: [176, 38, 24] },
  { limit: 0.65, text: "45 to 65\u00a0%", light: [52, 74, 77], dark: [48, 55, 23] },
  { limit: 0.85, text: "65 to 85\u00a0%", light: [30, 88, 76], dark: [28, 64, 26] },
  { limit: Infinity, text: "over 85\u00a0%", light: [6, 78, 76], dark: [2, 54, 33] },
];
const BASE: Color = { text: "base: only with its update", light: [220, 8, 84], dark: [220, 8, 27] };

/** In a comparison: paths that the earlier image lacks, paths in a changed layer, and layers that clients keep. */
const NEW: Color = { text: "new", light: [10, 80, 76], dark: [4, 56, 33] };
const MOVED: Color = { text: "pulled with it", light: [40, 86, 79], dark: [38, 58, 24] };
const KEPT: Color = { text: "kept", light: [208, 22, 85], dark: [210, 18, 27] };

export const TEXT = { light: "#14181f", dark: "#f2f4f8" };
export type Scheme = keyof typeof TEXT;

function colorOfChance({ cost }: PageLayer): Color {
  if (cost === null) return BASE;
  return CHANCES.find(({ limit }) => cost.chance < limit) ?? BASE;
}

/** The meaning of the colors, and those colors that the map of this image has. */
export function legendOf({ layers, before }: PageData): { title: string; colors: Color[] } {
  if (before !== null) return { title: `Compared with ${before.title}`, colors: [NEW, MOVED, KEPT] };
  const colors = layers.some(({ cost }) => cost === null) ? [...CHANCES, BASE] : CHANCES;
  return { title: "Chance that the next rebuild changes a layer", colors };
}

/** The CSS color of a layer in lists. */
export function layerColor(data: PageData, layer: PageLayer, scheme: Scheme): string {
  return cssColor(data.before === null ? colorOfChance(layer) : layer.isNew === true ? NEW : KEPT, scheme);
}

export function cssColor(color: Color, scheme: Scheme, lighter = 0): string {
  const [hue, saturation, lightness] = color[scheme];
  return hsl(hue, saturation, lightness + lighter);
}

/** The CSS color of a box. Boxes of one layer differ a little in lightness, so that they can be told apart. */
export function boxColor(data: PageData, { thing, depth }: SceneBox, scheme: Scheme): string {
  const path = thing.kind === "layer" ? undefined : data.paths[thing.path];
  const layer = data.layers[thing.kind === "layer" ? thing.layer : (path?.layer ?? -1)];
  if (layer === undefined) return cssColor(BASE, scheme);
  const seed = thing.kind === "file" ? hash(thing.name) : thing.kind === "path" ? thing.path * 7 : 0;
  const shade = thing.kind === "layer" ? 0 : 2 * depth + (seed % 4) * 1.5;
  const lighter = scheme === "dark" ? shade : -shade;
  if (data.before === null) return cssColor(colorOfChance(layer), scheme, lighter);
  if (layer.isNew !== true) return cssColor(KEPT, scheme, lighter);
  return cssColor(path?.isNew === false ? MOVED : NEW, scheme, lighter);
}

/** CSS colors. Reusing equal strings is faster, since the browser caches parsed colors. */
const texts = new Map<number, string>();

function hsl(hue: number, saturation: number, lightness: number): string {
  const key = (hue * 101 + saturation) * 1010 + 10 * lightness;
  const known = texts.get(key) ?? `hsl(${hue} ${saturation}% ${lightness}%)`;
  texts.set(key, known);
  return known;
}

function hash(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) >>> 0;
  return sum;
}
