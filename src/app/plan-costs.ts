/** The bytes that clients are expected to pull after the next rebuild: with this plan, and with `auto` alone. */
import { outlooks, type Outlook } from "../plan/cost.ts";
import { plan } from "../plan/plan.ts";
import { HASH, hashPart } from "../store/store-path.ts";
import type { PlanLayer, PlanView } from "./plan-view.ts";

/** In bytes. */
export interface Costs {
  plan: number;
  auto: number;
  /** By layer; null for layers of a base that another tool made, which change only with the base. */
  layers: (LayerCost | null)[];
}

export interface LayerCost {
  /** The chance that the next rebuild changes the layer, from 0 to 1. */
  chance: number;
  /** The bytes that clients are expected to pull: `chance` × bytes of the layer. */
  expected: number;
  content: ContentKind;
  /** The number of store paths whose change changes the layer. */
  causes: number;
  /** The layer's store paths that a rebuild of the application alone changes. */
  application: string[];
}

/** Store paths; files outside the store, with or without copied ones; or the Nix database of the image. */
export type ContentKind = "store" | "copies" | "files" | "database";

export function costsOf(view: PlanView): Costs {
  const layers = layerCosts(view);
  const sum = (some: (LayerCost | null)[]) => some.reduce((total, cost) => total + (cost?.expected ?? 0), 0);
  return { plan: sum(layers), auto: autoCost(view) + sum(layers.filter((cost) => cost?.content !== "store")), layers };
}

/** The costs of each layer; null for layers of a base that another tool made. */
export function layerCosts(view: PlanView): (LayerCost | null)[] {
  const all = outlooks(
    view.closure,
    view.layers.map((layer) => pathsBehind(view, layer)),
  );
  return view.layers.map((layer, i) => layerCost(layer, all[i] as Outlook));
}

function layerCost(layer: PlanLayer, { chance, bytes, causes, application }: Outlook): LayerCost | null {
  const content = contentOf(layer);
  if (layer.content.blob !== undefined && (content !== "store" || bytes === 0)) return null;
  if (content === "store") return { chance, expected: chance * bytes, content, causes, application };
  // Copied files are the user's own, and most rebuilds are made because these change.
  const known = content === "copies" ? 1 : chance;
  return { chance: known, expected: known * layer.size, content, causes, application: [] };
}

/** The name of the layer with the Nix database (nix/database.nix). */
const DATABASE = "database";

function contentOf({ name, paths, content }: PlanLayer): ContentKind {
  if (paths.length > 0) return "store";
  if (name === DATABASE) return "database";
  return content.entries.some(({ kind }) => kind === "copy") ? "copies" : "files";
}

/** The store paths in a layer, or those to which its files refer. Like Nix, it looks for the hashes of the paths. */
function pathsBehind({ closure }: PlanView, layer: PlanLayer): string[] {
  const content = contentOf(layer);
  if (content === "store") return layer.paths;
  if (content === "database") return closure.map(({ path }) => path);
  const hashes = new Set(JSON.stringify(layer.content.entries).match(new RegExp(`${HASH}(?=-)`, "g")));
  return closure.flatMap(({ path }) => (hashes.has(hashPart(path)) ? [path] : []));
}

/** The expected bytes of the store layers, if `auto` made as many layers of the same paths. */
function autoCost({ layers, closure }: PlanView): number {
  const budget = layers.filter(({ paths }) => paths.length > 0).length;
  if (budget === 0) return 0;
  const planned = plan({ closure, steps: [{ kind: "auto" }], budget });
  return outlooks(
    closure,
    planned.map(({ paths }) => paths),
  ).reduce((total, { chance, bytes }) => total + chance * bytes, 0);
}
