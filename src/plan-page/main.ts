/** The page of a plan: a treemap to explore, and a panel that describes the selection. */
import type { PageData, Navigation } from "./data.ts";
import { cssColor, layerColor, legendOf } from "./colors.ts";
import { draw } from "./draw.ts";
import { button, byId, quantity, element } from "./elements.ts";
import { Closure } from "./graph.ts";
import { foundPanel, foundWords, imagePanel, layerPanel, pathPanel } from "./panel.ts";
import { labelOf, scene, type Focus, type SceneBox, type Thing } from "./scene.ts";
import { find, type Found } from "./search.ts";
import { sizeText } from "../util/quantities.ts";

const source = byId("data");
const data = JSON.parse(source.textContent ?? "") as PageData;
// Free the text, which is as large as the parsed data.
source.remove();
const closure = new Closure(data);
const bySize = data.paths
  .map((_, path) => path)
  .toSorted((a, b) => (data.paths[b]?.size ?? 0) - (data.paths[a]?.size ?? 0));
const pathsOf: number[][] = data.layers.map(() => []);
for (const path of bySize) pathsOf[data.paths[path]?.layer ?? -1]?.push(path);

const canvas = byId("map") as HTMLCanvasElement;
const marker = byId("marker");
const search = byId("search") as HTMLInputElement;
const scheme = matchMedia("(prefers-color-scheme: dark)");

let focus: Focus = { kind: "image" };
let selected: Thing | undefined;
let found: Found | null = null;
let boxes: SceneBox[] = [];
/** Identifies the content of the panel, so that it is only filled again when the content changes. */
let described = "";

const go: Navigation = {
  search: (words) => {
    search.value = words;
    look();
    search.focus();
  },
  layer: (layer) => show({ kind: "layer", layer }, undefined),
  path: (path) => {
    const layer = data.paths[path]?.layer ?? -1;
    const isOnMap = focus.kind === "image" || (focus.kind === "layer" && focus.layer === layer);
    show(isOnMap || layer < 0 ? focus : { kind: "layer", layer }, { kind: "path", path });
  },
};

function show(next: Focus, thing: Thing | undefined): void {
  const isNewFocus = next !== focus;
  focus = next;
  selected = thing;
  if (isNewFocus) layOut();
  mark();
  describe();
}

/** Lays out and draws the map, after a change of its focus or size. */
function layOut(): void {
  boxes = scene(data, pathsOf, focus, { x: 0, y: 0, width: canvas.clientWidth, height: canvas.clientHeight });
  paint();
  byId("crumbs").replaceChildren(...crumbs());
}

function paint(): void {
  // A search without results dims nothing.
  const isEmpty = found !== null && found.paths.length + found.files.size === 0;
  draw(canvas, data, boxes, { scheme: schemeName(), found: isEmpty ? null : found });
}

function schemeName() {
  return scheme.matches ? "dark" : "light";
}

/** Explains the colors of the map, and sets the colors of the swatches in the panel. */
function colorLegend(): void {
  const { title, colors } = legendOf(data);
  byId("legend").replaceChildren(
    element("span", {}, `${title}:`),
    ...colors.map((color) => {
      const swatch = element("span", { class: "swatch" });
      swatch.style.background = cssColor(color, schemeName());
      return element("span", {}, swatch, color.text);
    }),
  );
  byId("swatches").textContent = data.layers
    .map((layer, i) => `.layer-${i} { background: ${layerColor(data, layer, schemeName())} }`)
    .join("\n");
}

/** Shows the selection in the panel, or else the map's focus. */
function describe(): void {
  const { kind, ...of } = selected ?? focus;
  const [layer, path] = ["layer" in of ? of.layer : -1, "path" in of ? of.path : -1];
  const key = kind === "layer" ? `layer ${layer}` : `path ${path}`;
  if (key === described) return;
  described = key;
  if (kind === "layer") fillPanel(layerPanel(data, layer, pathsOf[layer] ?? [], go));
  else fillPanel(path >= 0 ? pathPanel(data, closure, path, go) : imagePanel(data, pathsOf, go));
}

function fillPanel(nodes: Node[]): void {
  const panel = byId("panel");
  const hadFocus = panel.contains(document.activeElement);
  panel.replaceChildren(...nodes);
  panel.scrollTop = 0;
  // Keyboard users who followed a link continue in the new content.
  if (hadFocus) panel.focus();
}

function mark(): void {
  const box = boxes.find(({ thing }) => selected !== undefined && isSame(thing, selected));
  marker.hidden = box === undefined;
  if (box === undefined) return;
  marker.style.transform = `translate(${box.x}px, ${box.y}px)`;
  marker.style.width = `${box.width}px`;
  marker.style.height = `${box.height}px`;
  byId("status").textContent = labelOf(data, box.thing);
}

function crumbs(): Node[] {
  const layer =
    focus.kind === "layer" ? focus.layer : focus.kind === "path" ? (data.paths[focus.path]?.layer ?? -1) : -1;
  const parts: Node[] = [button(data.title, () => show({ kind: "image" }, undefined))];
  if (layer >= 0) parts.push(button(`Layer ${layer + 1}`, () => go.layer(layer)));
  if (focus.kind === "path") parts.push(element("span", {}, data.paths[focus.path]?.name ?? ""));
  return parts;
}

function isSame(a: Thing, b: Thing): boolean {
  if (a.kind === "layer" || b.kind === "layer") return a.kind === "layer" && b.kind === "layer" && a.layer === b.layer;
  return a.kind === b.kind && a.path === b.path && (a.kind === "path" || (b.kind === "file" && a.name === b.name));
}

/** Moves the map's focus to a layer, or to a path with files. */
function enter(thing: Thing | undefined): void {
  if (thing?.kind === "layer") show({ kind: "layer", layer: thing.layer }, undefined);
  else if (thing?.kind === "path" && (data.paths[thing.path]?.files.length ?? 0) > 0)
    show({ kind: "path", path: thing.path }, thing);
}

function leave(): void {
  if (focus.kind === "path") {
    const { path } = focus;
    show({ kind: "layer", layer: data.paths[path]?.layer ?? 0 }, { kind: "path", path });
  } else if (focus.kind === "layer") show({ kind: "image" }, { kind: "layer", layer: focus.layer });
  else show(focus, undefined);
}

/** Selects the next or the previous one of the outermost boxes, which are sorted by size. */
function step(by: 1 | -1): void {
  const outer = boxes.filter(({ depth }) => depth === 0);
  const at = outer.findIndex(({ thing }) => selected !== undefined && isSame(thing, selected));
  const next = outer[at < 0 ? 0 : (at + by + outer.length) % outer.length];
  if (next !== undefined) show(focus, next.thing);
}

function boxAt(event: MouseEvent): SceneBox | undefined {
  const { left, top } = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - left, event.clientY - top];
  return boxes.findLast((box) => x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height);
}

canvas.addEventListener("click", (event) => show(focus, boxAt(event)?.thing));
canvas.addEventListener("dblclick", (event) => enter(boxAt(event)?.thing));
canvas.addEventListener("mousemove", (event) => {
  const box = boxAt(event);
  byId("status").textContent = box === undefined ? "" : labelOf(data, box.thing);
});
document.addEventListener("keydown", (event) => {
  // Without a focused element, keys apply to the map.
  if (event.target !== canvas && event.target !== document.body) return;
  const act = {
    ArrowRight: () => step(1),
    ArrowDown: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowUp: () => step(-1),
    Enter: () => enter(selected),
  }[event.key];
  if (act === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  canvas.focus();
  act();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (document.activeElement === search) search.blur();
    if (search.value === "") leave();
    search.value = "";
    look();
  } else if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});

function look(): void {
  const words = search.value.trim();
  found = words === "" ? null : find(data, bySize, words);
  byId("found").textContent = found === null ? "" : foundWords(found);
  paint();
  described = "";
  if (found === null) describe();
  else fillPanel(foundPanel(data, found, words, go));
}
search.addEventListener("input", look);
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || found === null) return;
  const best = found.paths[0] ?? [...found.files.keys()][0];
  if (best === undefined) return;
  go.path(best);
  canvas.focus();
});

scheme.addEventListener("change", () => {
  paint();
  colorLegend();
});
colorLegend();
// The observer calls this once at the start, too, which draws the map for the first time.
new ResizeObserver(() => {
  layOut();
  mark();
}).observe(canvas);
document.title = `${data.title} · layers`;
byId("total").textContent =
  `${quantity(data.layers.length, "layer")}, ${quantity(data.paths.filter(({ path }) => path !== "").length, "path")}, ${sizeText(data.layers.reduce((sum, { size }) => sum + size, 0))}`;
describe();
