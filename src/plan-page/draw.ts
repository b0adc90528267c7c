/** Draws a scene on the canvas. */
import { boxColor, TEXT, type Scheme } from "./colors.ts";
import type { PageData } from "./data.ts";
import { labelsOf, type SceneBox, type Thing } from "./scene.ts";
import type { Found } from "./search.ts";

export interface Look {
  scheme: Scheme;
  /** The result of the search, which dims all other boxes; null without a result. */
  found: Found | null;
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
    context.fillStyle = boxColor(data, box, look.scheme);
    context.fillRect(box.x + 0.5, box.y + 0.5, Math.max(0.5, box.width - 1), Math.max(0.5, box.height - 1));
    if (!box.hasTitle || box.width < 38 || box.height < 14) continue;
    context.font = `${box.thing.kind === "layer" ? "600 " : ""}12px system-ui, sans-serif`;
    context.fillStyle = TEXT[look.scheme];
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

/** Characters as users see them: labels are not cut inside an emoji. */
const graphemes = new Intl.Segmenter("en");
/** No box is wide enough for a longer label. */
const MAX_LABEL = 400;

/** The first text that fits the width, or else the beginning of the last text. */
function fit(context: CanvasRenderingContext2D, texts: string[], width: number): string {
  const whole = texts.find((text) => context.measureText(text).width <= width);
  if (whole !== undefined) return whole;
  const characters = [...graphemes.segment((texts.at(-1) ?? "").slice(0, MAX_LABEL))].map(({ segment }) => segment);
  const start = (count: number) => `${characters.slice(0, count).join("")}…`;
  let [low, high] = [0, characters.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(start(middle)).width <= width) low = middle;
    else high = middle - 1;
  }
  return low < 4 ? "" : start(low);
}
