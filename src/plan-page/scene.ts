/** Lays out the treemap of the whole image, a layer, or a path: boxes with the things that they show. */
import type { PageData, PageLayer } from "./data.ts";
import { squarify, type Box } from "./treemap.ts";
import { printableLine } from "../util/printable.ts";
import { sizeText } from "../util/quantities.ts";

export type Focus = { kind: "image" } | { kind: "layer"; layer: number } | { kind: "path"; path: number };

export type Thing =
  | { kind: "layer"; layer: number }
  | { kind: "path"; path: number }
  | { kind: "file"; path: number; name: string; size: number };

export interface SceneBox extends Box {
  thing: Thing;
  depth: number;
  /** Whether the box has room for a label. */
  hasTitle: boolean;
}

/** Height of a box's title in pixels. */
const TITLE = 18;
/** Gap around the inner boxes in pixels. */
const GAP = 2;
/** Limit in pixels below which a box is not drawn. */
const MIN_SIDE = 2;

/** The boxes, each before its inner boxes. */
export function scene(data: PageData, pathsOf: number[][], focus: Focus, area: Box): SceneBox[] {
  switch (focus.kind) {
    case "image": {
      const layers = data.layers.map((_, layer) => layer).toSorted((a, b) => sizeOf(data, b) - sizeOf(data, a));
      const things = layers.map((layer): Thing => ({ kind: "layer", layer }));
      return place(data, things, area, 0, (thing) =>
        thing.kind === "layer" ? (pathsOf[thing.layer] ?? []).map((path): Thing => ({ kind: "path", path })) : [],
      );
    }
    case "layer": {
      const things = (pathsOf[focus.layer] ?? []).map((path): Thing => ({ kind: "path", path }));
      return place(data, things, area, 0, (thing) => (thing.kind === "path" ? files(data, thing.path) : []));
    }
    case "path":
      return place(data, files(data, focus.path), area, 0, () => []);
  }
}

function place(
  data: PageData,
  things: Thing[],
  area: Box,
  depth: number,
  inside: (thing: Thing) => Thing[],
): SceneBox[] {
  const sizes = things.map((thing) => thingSize(data, thing));
  return squarify(sizes, area, MIN_SIDE).flatMap((box, i) => {
    if (box.width < MIN_SIDE || box.height < MIN_SIDE) return [];
    const thing = things[i] as Thing;
    const hasTitle = box.height > 2 * TITLE && box.width > 50;
    const inner = {
      x: box.x + GAP,
      y: box.y + (hasTitle ? TITLE : GAP),
      width: box.width - 2 * GAP,
      height: box.height - GAP - (hasTitle ? TITLE : GAP),
    };
    const children = inner.width < 12 || inner.height < 12 ? [] : inside(thing);
    if (children.length === 0) return [{ ...box, thing, depth, hasTitle: true }];
    return [{ ...box, thing, depth, hasTitle }, ...place(data, children, inner, depth + 1, () => [])];
  });
}

/** The files of a path, with a single box for the bytes that no listed file accounts for. */
function files(data: PageData, path: number): Thing[] {
  const { files: known = [], size = 0 } = data.paths[path] ?? {};
  if (known.length === 0) return [];
  const rest = size - known.reduce((sum, [, each]) => sum + each, 0);
  const listed = known.map(([name, each]): Thing => ({ kind: "file", path, name, size: each }));
  const others: Thing = { kind: "file", path, name: "folders, links and small files", size: rest };
  return rest > 0.02 * size ? [...listed, others].toSorted((a, b) => thingSize(data, b) - thingSize(data, a)) : listed;
}

function thingSize(data: PageData, thing: Thing): number {
  if (thing.kind === "file") return thing.size;
  return thing.kind === "path" ? (data.paths[thing.path]?.size ?? 0) : sizeOf(data, thing.layer);
}

export function labelOf(data: PageData, thing: Thing): string {
  return labelsOf(data, thing)[0] as string;
}

/** Labels for a thing, the longest first. Names of files may have any characters. */
export function labelsOf(data: PageData, thing: Thing): string[] {
  const size = sizeText(thingSize(data, thing));
  switch (thing.kind) {
    case "file": {
      const name = printableLine(thing.name);
      return [`${name}  ${size}`, name, name.slice(name.lastIndexOf("/") + 1)];
    }
    case "path": {
      const name = data.paths[thing.path]?.name ?? "";
      return [`${name}  ${size}`, name];
    }
    case "layer": {
      const layer = data.layers[thing.layer];
      if (layer === undefined) return [];
      const names = [3, 2, 1].map((count) => layerName(layer, count));
      const chance = layer.cost === null ? [] : [percent(layer.cost.chance)];
      const withFacts = names.map((name) => `${name}  ${[size, ...chance].join(" · ")}`);
      return [...withFacts, `${names[2]}  ${chance[0] ?? size}`, names[2] ?? "", layer.packages[0] ?? ""];
    }
  }
}

/** A layer's largest packages, and the number of the others: `python3, openssl +12`. Layers named in the spec keep their name. */
export function layerName({ step, packages }: PageLayer, count: number): string {
  const own = /^layer "(.*?)"/.exec(step)?.[1];
  const names = packages.slice(0, count);
  const more = packages.length - names.length;
  return `${own === undefined ? "" : `${own}: `}${names.join(", ")}${more > 0 ? ` +${more}` : ""}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}

function sizeOf(data: PageData, layer: number): number {
  return data.layers[layer]?.size ?? 0;
}
