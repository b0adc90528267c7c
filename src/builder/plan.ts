/** The plan derivation: which store paths the image adds to its base, and the layers they go into. */
import * as z from "zod/mini";
import { ContentFile } from "../image/content-file.ts";
import { ClosureEntry, PlanFile } from "../image/plan-file.ts";
import { LockedLayers, pastOf } from "../lock/layers.ts";
import { makeGraph, reachable } from "../plan/graph.ts";
import { plan as planLayers, PlanError, type PlannedLayer, type PlanRequest } from "../plan/plan.ts";
import { Step } from "../plan/steps.ts";
import { attributes, BuildError, phase, readJson, ReferenceGraph, writeOutputs } from "./attributes.ts";

export const PlanArguments = z.object({
  /** Every store path that must be in the image, beside those that `content` needs. */
  roots: z.array(z.string()),
  /** The outputs of a layer's package, and the one that is added if the image has none of them otherwise. */
  fallbacks: z.array(z.object({ paths: z.array(z.string()), root: z.string() })),
  /** Without what they refer to. */
  only: z.boolean(),
  /** The files outside the store; null where only the roots matter. */
  content: z.nullable(z.string()),
  steps: z.array(Step),
  order: z.enum(["popularity", "size"]),
  weights: z.array(z.object({ paths: z.array(z.string()), weight: z.number() })),
  volatile: z.array(z.string()),
  /** Layers of the whole chain, and those of them that hold no store paths. */
  max: z.number(),
  others: z.number(),
  /** The plans of what lies below: their paths are in the image already. */
  below: z.array(z.string()),
  closure: ReferenceGraph,
  /** A file of more paths that must be in the image, and one that refers to what they are built from (derivations.ts). */
  derivations: z.nullable(z.object({ list: z.string(), inputs: z.string() })),
  /** What the last build put where. */
  lock: z.nullable(LockedLayers),
});

export function plan(): void {
  const args = attributes(PlanArguments);
  phase("planning");
  writeOutputs(args, makePlan(args));
}

export function makePlan(args: z.infer<typeof PlanArguments>): PlanFile {
  const below = args.below.map((path) => PlanFile.parse(readJson(path)));
  const known = new Set(below.flatMap(({ closure }) => closure.map(({ path }) => path)));
  // A base without a database has paths of which only now is known what they refer to.
  const held = new Set(below.flatMap(({ layers }) => layers.flatMap(({ paths }) => paths)));
  const taken = below.reduce((sum, { layers }) => sum + layers.length, 0) + args.others;
  const closure = imageClosure(args, known).filter(({ path }) => !known.has(path));
  const added = closure.filter(({ path }) => !held.has(path));
  if (added.length > 0 && args.max - taken < 1) {
    throw new BuildError(`layers: max ${args.max} leaves no room: ${taken} layers are taken by the base and by files`);
  }
  const layers = planned({
    closure: added,
    steps: args.steps,
    budget: args.max - taken,
    roots: [...args.roots, ...args.fallbacks.map(({ root }) => root)],
    order: args.order,
    weights: Object.fromEntries(args.weights.flatMap(({ paths, weight }) => paths.map((path) => [path, weight]))),
    volatile: args.volatile,
    ...(args.lock === null ? {} : { past: pastOf(args.lock, closure) }),
  });
  return { version: 1, layers, closure };
}

/** What the roots, the files and the derivations need, sorted by path. `below`: the store paths of the bases. */
function imageClosure(args: z.infer<typeof PlanArguments>, below: Set<string>): ClosureEntry[] {
  const { roots, fallbacks, only, content, closure, derivations } = args;
  const graph = makeGraph(closure);
  const nodes = new Map(closure.map((node) => [node.path, node]));
  const numberOf = (path: string): number => {
    const found = graph.index.get(storePath(path));
    if (found === undefined) throw new BuildError(`${path} is not in the closure that Nix gave`);
    return found;
  };
  const wanted = [
    ...roots,
    ...(content === null ? [] : neededByFiles(content, nodes)),
    ...(derivations === null ? [] : referencesOf(derivations.inputs, nodes)),
  ].map(numberOf);
  let reached = only ? new Set(wanted) : reachable(graph, wanted);
  for (const { paths, root } of fallbacks) {
    const isThere = (path: string) => below.has(path) || reached.has(graph.index.get(path) ?? -1);
    if (!paths.some(isThere)) reached = reachable(graph, [...reached, numberOf(root)]);
  }

  const listed = derivations === null ? [] : z.array(ClosureEntry).parse(readJson(derivations.list));
  const entries = new Map(listed.map((entry) => [entry.path, entry]));
  for (const i of reached) entries.set(graph.paths[i] as string, nodes.get(graph.paths[i] as string) as ClosureEntry);
  return [...entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A copied source is content of a file, not a store path of the image; what it refers to must be there all the same. */
function neededByFiles(content: string, nodes: Map<string, ClosureEntry>): string[] {
  const { entries, ...rest } = ContentFile.parse(readJson(content));
  const sources = new Set(entries.flatMap((entry) => (entry.kind === "copy" ? [storePath(entry.source)] : [])));
  const said = JSON.stringify([rest.config, entries.filter(({ kind }) => kind !== "copy")]);
  const mentioned = referencesOf(content, nodes).filter((path) => !sources.has(path) || said.includes(path));
  return [...mentioned, ...[...sources].flatMap((path) => referencesOf(path, nodes))];
}

/** Without itself. */
function referencesOf(path: string, nodes: Map<string, ClosureEntry>): string[] {
  return nodes.get(path)?.references.filter((each) => each !== path) ?? [];
}

function planned(request: PlanRequest): PlannedLayer[] {
  try {
    return planLayers(request);
  } catch (error) {
    throw error instanceof PlanError ? new BuildError(`layers: ${error.message}`) : error;
  }
}

/** The store path that a path in the store lies in. */
function storePath(path: string): string {
  return path.split("/").slice(0, 4).join("/");
}
