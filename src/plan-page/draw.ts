/** Draws a scene on the canvas. */
import type { PageData } from "./data.ts";
import { labelsOf, type SceneBox, type Thing } from "./scene.ts";
import type { Found } from "./search.ts";

export interface Look {
  dark: boolean;
  /** The result of the search; null if nothing is searched. */
  found: Found | null;
  /** The hue of each layer. */
  hues: number[];
}

export function draw(canvas: HTMLCanvasElement, data: PageData, boxes: SceneBox[], look: Look): void {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  context.textBaseline = "middle";
  const isFound = finder(look.found);
  for (const box of boxes) {
    context.globalAlpha = isFound(box.thing) ? 1 : 0.18;
    context.fillStyle = color(data, box, look);
    context.fillRect(box.x + 0.5, box.y + 0.5, Math.max(0.5, box.width - 1), Math.max(0.5, box.height - 1));
    if (!box.hasTitle || box.width < 38 || box.height < 14) continue;
    context.font = `${box.thing.kind === "layer" ? "600 " : ""}11px system-ui, sans-serif`;
    context.fillStyle = look.dark ? "#f2f4f8" : "#14181f";
    context.fillText(fit(context, labelsOf(data, box.thing), box.width - 10), box.x + 5, box.y + 9.5);
  }
  context.globalAlpha = 1;
}

function finder(found: Found | null): (thing: Thing) => boolean {
  if (found === null) return () => true;
  const { files, isFound } = found;
  const paths = new Set(found.paths);
  return (thing) => {
    if (thing.kind === "layer" || paths.has(thing.path)) return true;
    return thing.kind === "path" ? files.has(thing.path) : isFound(thing.name);
  };
}

/** Hues of layers. Layers of similar size, which are adjacent on the map, have different hues. */
export function huesOf({ layers }: PageData): number[] {
  const hues: number[] = [];
  const bySize = layers.map((_, layer) => layer).toSorted((a, b) => (layers[b]?.size ?? 0) - (layers[a]?.size ?? 0));
  for (const [rank, layer] of bySize.entries()) hues[layer] = Math.round(rank * 137.5) % 360;
  return hues;
}

/**
 * Hues in a comparison with an earlier image: paths that it lacks, paths that clients pull again because their layer
 * changed, and layers that clients keep.
 */
export const HUE = { new: 14, moved: 36, kept: 205 };

/** A box's color: the layer's hue or, in a comparison, a hue that highlights new paths and layers to pull. */
function color(data: PageData, { thing, depth }: SceneBox, { dark, hues }: Look): string {
  const layer = thing.kind === "layer" ? thing.layer : (data.paths[thing.path]?.layer ?? 0);
  const isNew = data.layers[layer]?.isNew ?? null;
  const seed = thing.kind === "file" ? hash(thing.name) : thing.kind === "path" ? thing.path * 7 : 0;
  const shade = (seed % 5) * 1.6;
  const lightness = (dark ? 25 + 7 * depth : 82 - 6 * depth) + (dark ? shade : -shade);
  if (isNew === null && data.before === null) return hsl(hues[layer] ?? 0, dark ? 34 : 52, lightness);
  if (isNew !== true) return hsl(HUE.kept, dark ? 14 : 18, lightness);
  const isMoved = thing.kind !== "layer" && data.paths[thing.path]?.isNew === false;
  return hsl(isMoved ? HUE.moved : HUE.new, dark ? 58 : 86, lightness - (isMoved ? 0 : 6));
}

/** CSS colors. Reusing equal strings is faster, since the browser caches parsed colors. */
const colors = new Map<number, string>();

function hsl(hue: number, saturation: number, lightness: number): string {
  const key = (hue * 101 + saturation) * 101 + lightness;
  const known = colors.get(key) ?? `hsl(${hue} ${saturation}% ${lightness}%)`;
  colors.set(key, known);
  return known;
}

function hash(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) >>> 0;
  return sum;
}

/** The first text that fits the width, or else the beginning of the last text. */
function fit(context: CanvasRenderingContext2D, texts: string[], width: number): string {
  const whole = texts.find((text) => context.measureText(text).width <= width);
  if (whole !== undefined) return whole;
  const text = texts.at(-1) ?? "";
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low < 4 ? "" : `${text.slice(0, low)}…`;
}
