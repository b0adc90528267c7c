/** The bytes that clients are expected to pull after the next rebuild: with this plan, and with `auto` alone. */
import { outlooks } from "../plan/cost.ts";
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
  /** The number of store paths whose change changes the layer. */
  causes: number;
  /** The layer's store paths that a rebuild of the application alone changes. */
  application: string[];
  /** Whether the layer has files outside the store, which are part of the application. */
  hasFiles: boolean;
}

export function costsOf(view: PlanView): Costs {
  const { closure } = view;
  const sets = view.layers.map((layer) => {
    const hasFiles = layer.paths.length === 0;
    return { paths: hasFiles ? referredPaths(view, layer) : layer.paths, hasFiles };
  });
  const all = outlooks(closure, sets);
  const layers = view.layers.map(({ paths, content, size }, i): LayerCost | null => {
    const [outlook, { hasFiles = false } = {}] = [all[i], sets[i]];
    const isForeign = content.blob !== undefined;
    if (outlook === undefined || (isForeign && (paths.length === 0 || outlook.bytes === 0))) return null;
    const { chance, causes, application } = outlook;
    const bytes = hasFiles ? size : outlook.bytes;
    return { chance, expected: chance * bytes, causes, application: hasFiles ? [] : application, hasFiles };
  });
  const sum = (some: (LayerCost | null)[]) => some.reduce((total, layer) => total + (layer?.expected ?? 0), 0);
  return { plan: sum(layers), auto: autoCost(view) + sum(layers.filter((layer) => layer?.hasFiles === true)), layers };
}

/** The expected bytes of the store layers, if `auto` made as many layers of the same paths. */
function autoCost({ layers, closure }: PlanView): number {
  const budget = layers.filter(({ paths }) => paths.length > 0).length;
  if (budget === 0) return 0;
  const planned = plan({ closure, steps: [{ kind: "auto" }], budget });
  return outlooks(
    closure,
    planned.map(({ paths }) => ({ paths, hasFiles: false })),
  ).reduce((total, { chance, bytes }) => total + chance * bytes, 0);
}

/** The store paths to which the files of a layer refer. Like Nix, it looks for the hashes of the paths. */
function referredPaths({ closure }: PlanView, { content }: PlanLayer): string[] {
  const hashes = new Set(JSON.stringify(content.entries).match(new RegExp(`${HASH}(?=-)`, "g")));
  return closure.flatMap(({ path }) => (hashes.has(hashPart(path)) ? [path] : []));
}
