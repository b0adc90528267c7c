/** The plan derivation: what the image holds (closure less the bases'), links for `packages`, and the layers. */
import { writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { plan as planLayers, PlanError, type PlannedLayer, type PlanRequest } from "../plan/plan.ts";
import { makeGraph, reachable } from "../plan/graph.ts";
import { PlanFile, type ClosureEntry } from "../image/plan-file.ts";
import { RootEntry } from "../layer/recipe.ts";
import { attributes, BuildError, phase, readJson, ReferenceGraph } from "./attributes.ts";
import { linkPackages } from "./links.ts";
import { withParents } from "./root.ts";

const Step = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("layer"), name: z.string(), packages: z.array(z.string()), only: z.boolean() }),
  z.object({ kind: z.literal("group"), count: z.number() }),
  z.object({ kind: z.literal("each"), count: z.nullable(z.number()) }),
  z.object({ kind: z.literal("auto") }),
  z.object({ kind: z.literal("rest") }),
]);

const Attributes = z.object({
  /** Linked at `/`. */
  packages: z.array(z.string()),
  /** Every store path that must be in the image: packages, and what strings mention. */
  roots: z.array(z.string()),
  files: z.array(RootEntry),
  steps: z.array(Step),
  max: z.number(),
  /** The plans of the base images, nearest first: its closure holds those of the others. */
  bases: z.array(z.string()),
  closure: ReferenceGraph,
});

export function plan(): void {
  const { packages, roots, files, steps, max, bases, closure, out } = attributes(Attributes);
  phase("planning");
  const graph = makeGraph(closure);
  const byPath = new Map(closure.map((node) => [node.path, node]));
  const entry = (path: string) => byPath.get(path) as ClosureEntry;

  // A copied source is content, not a store path of the image; what it refers to must be there all the same.
  const wanted = roots.map((path) => number(graph.index, path));
  for (const file of files) {
    if (file.kind !== "copy") continue;
    for (const reference of byPath.get(topLevel(file.source))?.references ?? []) {
      wanted.push(number(graph.index, reference));
    }
  }
  const present = [...reachable(graph, wanted)].map((i) => graph.paths[i] as string).toSorted();

  const basePlans = bases.map((path) => PlanFile.parse(readJson(path)));
  const inBase = new Set(basePlans[0]?.closure.map((node) => node.path));
  const own = present.filter((path) => !inBase.has(path));

  const root = withParents([...linkPackages(packages, new Set(files.map((f) => f.path))), ...files]);
  const taken = basePlans.reduce((sum, base) => sum + base.layers.length + (base.root.length > 0 ? 1 : 0), 0);
  const budget = max - taken - (root.length > 0 ? 1 : 0);
  if (own.length > 0 && budget < 1) {
    throw new BuildError(`layers: max ${max} leaves no room: the base has ${taken} layers, the files need one`);
  }
  const file: PlanFile = {
    version: 1,
    layers: planned({ closure: own.map(entry), steps, budget }),
    root,
    closure: [...(basePlans[0]?.closure ?? []), ...own.map(entry)].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
  writeFileSync(out, `${JSON.stringify(file)}\n`);
}

function planned(request: PlanRequest): PlannedLayer[] {
  try {
    return planLayers(request);
  } catch (error) {
    throw error instanceof PlanError ? new BuildError(`layers: ${error.message}`) : error;
  }
}

function number(index: Map<string, number>, path: string): number {
  const found = index.get(topLevel(path));
  if (found === undefined) throw new BuildError(`${path} is not in the closure that Nix gave`);
  return found;
}

/** The store path that a path in the store lies in. */
function topLevel(path: string): string {
  return path.split("/").slice(0, 4).join("/");
}
