/** Decides which store paths an image adds to its base, and the layers they go into. */
import { basename } from "node:path";
import * as z from "zod/mini";
import type { ContentFile } from "../image/content-file.ts";
import { unreferenced, type ClosureEntry, type PlanFile } from "../image/plan-file.ts";
import { LockedLayers, pastOf } from "../lock/layers.ts";
import { makeGraph, reachable } from "../plan/graph.ts";
import { plan as planLayers, PlanError, type PlannedLayer, type PlanRequest } from "../plan/plan.ts";
import { Step } from "../plan/steps.ts";
import { Compression, Permission } from "../layer/recipe.ts";
import { ReferenceGraph } from "./attributes.ts";
import { BuildError, type Located } from "./build-error.ts";
import { readJson } from "./derivation.ts";
import { readContent, readPlan } from "./own-files.ts";
import { executableBitProblems, storeRuleProblems } from "./store-rules.ts";
import { referencesIn, referencesOfTree } from "../store/references.ts";
import { hashPart } from "../store/store-path.ts";

export const PlanArguments = z.object({
  /** The store paths that must be in the image, except those that `content` names. */
  roots: z.array(z.string()),
  /** For a package of a `layer` step: the `paths` of its outputs, and the `root` to add if the image contains none of them. */
  fallbacks: z.array(z.object({ paths: z.array(z.string()), root: z.string() })),
  /** Whether to leave out the roots' closures. */
  only: z.boolean(),
  /** The content file; null if the plan covers only the roots. */
  content: z.nullable(z.string()),
  steps: z.array(Step),
  order: z.enum(["popularity", "size"]),
  weights: z.array(z.object({ paths: z.array(z.string()), weight: z.number() })),
  volatile: z.array(z.string()),
  /** The limit of layers, and how many of them hold no store paths, both with the bases' layers. */
  max: z.number(),
  others: z.number(),
  /** The plans of the layers below: those of the bases and, with `reuse group`, of earlier `layer` steps. */
  below: z.array(z.string()),
  /** With `reuse group`: those plans of `below` that belong to `layer` steps of this image, not to a base. */
  groups: z.array(z.string()),
  closure: ReferenceGraph,
  /** A file that lists derivations for the image, and a file that refers to their inputs (derivations.ts). */
  derivations: z.nullable(z.object({ list: z.string(), inputs: z.string() })),
  /** The paths of each layer in the last build. */
  lock: z.nullable(LockedLayers),
});

/** The arguments of a derivation that makes a plan and layers of it. */
export const PlanAndLayers = z.extend(PlanArguments, {
  /** A compression for each form. */
  forms: z.array(Compression),
  /** Rules for files in the store, or the content file that contains the rules. */
  permissions: z.union([z.array(Permission), z.string()]),
});

/** The files that the arguments of a plan name. */
export interface PlanInputs {
  /** The plans of the layers below. */
  below: PlanFile[];
  content: ContentFile | undefined;
}

export function readInputs({ below, content }: z.infer<typeof PlanArguments>): PlanInputs {
  return { below: below.map(readPlan), content: content === null ? undefined : readContent(content) };
}

export function makePlan(args: z.infer<typeof PlanArguments>, { below, content }: PlanInputs): PlanFile {
  const known = new Set(below.flatMap(({ closure }) => closure.map(({ path }) => path)));
  // Includes paths that the closure lacks: of a base without a database, only the names of paths in layers are known.
  const held = new Set(below.flatMap(({ layers }) => layers.flatMap(({ paths }) => paths)));
  const baseLayers = below.reduce((sum, { layers }) => sum + layers.length, 0);
  const taken = baseLayers + args.others;
  const needed = imageClosure(args, content, known);
  const closure = needed.closure.filter(({ path }) => !known.has(path));
  const added = closure.filter(({ path }) => !held.has(path));
  if (content !== undefined) {
    const ofGroups = args.groups.flatMap((path) => readPlan(path).closure.map((entry) => entry.path));
    const own = new Set([...added.map(({ path }) => path), ...ofGroups]);
    const ofBase = [...known, ...held].filter((path) => !own.has(path));
    const present = new Set([...own, ...ofBase]);
    const problems = [
      ...storeRuleProblems(content, [...own], ofBase),
      ...executableBitProblems(content, own),
      ...missingTargets(content, present),
    ];
    if (problems.length > 0) throw new BuildError(problems);
  }
  const least = leastLayers(baseLayers, args.others, {
    hasFiles: (content?.entries ?? []).length > 0,
    addsPaths: added.length > 0,
  });
  if (least > args.max) {
    const message =
      `max ${args.max} is too low: layers of the base: ${baseLayers}, of files and databases: up to ${args.others}; ` +
      `raise max to ${least} or more`;
    throw new BuildError([{ at: ["layers", "max"], message }]);
  }
  const layers =
    added.length === 0
      ? []
      : planned({
          closure: added,
          steps: args.steps,
          budget: args.max - taken,
          roots: [...args.roots, ...args.fallbacks.map(({ root }) => root)],
          order: args.order,
          weights: Object.fromEntries(args.weights.flatMap(({ paths, weight }) => paths.map((path) => [path, weight]))),
          volatile: args.volatile,
          ...(args.lock === null ? {} : { past: pastOf(args.lock, closure) }),
        });
  const rewritten = content?.rewritten;
  const isAuto = args.steps.length === 1 && args.steps[0]?.kind === "auto" && args.volatile.length === 0;
  const autoBudget = isAuto ? { autoBudget: args.max - taken } : {};
  return { version: 4, layers, ...autoBudget, closure, roots: needed.roots, ...(rewritten && { rewritten }) };
}

/** Findings for links of copied folders to store paths that are not in the image. */
function missingTargets({ storeLinks = [] }: ContentFile, present: ReadonlySet<string>): Located[] {
  return storeLinks
    .filter(({ target }) => !present.has(storePath(target)))
    .map(({ at, path, target }) => {
      const message = `the copied folder has the link ${path} to ${target}, which is not in the image: exclude the link, or add the package to \`store\``;
      return { at, message };
    });
}

/** The lowest number of layers that the image needs. An image that adds nothing needs only the base's layers. */
function leastLayers(
  baseLayers: number,
  others: number,
  { hasFiles, addsPaths }: { hasFiles: boolean; addsPaths: boolean },
): number {
  if (addsPaths) return baseLayers + others + 1;
  return baseLayers + (hasFiles ? others : 0);
}

/** The paths that the image names, and their closure, both sorted. `below`: the store paths of the bases. */
function imageClosure(
  args: z.infer<typeof PlanArguments>,
  content: ContentFile | undefined,
  below: Set<string>,
): Pick<PlanFile, "closure" | "roots"> {
  const { fallbacks, only, derivations } = args;
  const graph = makeGraph(args.closure);
  const nodes = new Map(args.closure.map((node) => [node.path, node]));
  const numberOf = (path: string): number => {
    const found = graph.index.get(path);
    if (found === undefined) throw new BuildError(`${path} is missing from the reference graph of Nix`);
    return found;
  };
  const named = new Set([
    ...args.roots.map(storePath),
    ...(content === undefined ? [] : namedByFiles(content, nodes)),
    ...(derivations === null ? [] : referencesOf(derivations.inputs, nodes)),
  ]);
  const wanted = [...named].map(numberOf);
  let reached = only ? new Set(wanted) : reachable(graph, wanted);
  for (const { paths, root } of fallbacks) {
    const isInImage = (path: string) => below.has(path) || reached.has(graph.index.get(path) ?? -1);
    if (paths.some(isInImage)) continue;
    named.add(storePath(root));
    reached = reachable(graph, [...reached, numberOf(storePath(root))]);
  }

  const listed = derivations === null ? [] : (readJson(derivations.list) as ClosureEntry[]);
  const entries = new Map(listed.map((entry) => [entry.path, entry]));
  for (const i of reached) entries.set(graph.paths[i] as string, nodes.get(graph.paths[i] as string) as ClosureEntry);
  return {
    closure: [...entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    roots: [...new Set([...named, ...unreferenced(listed)])].toSorted(),
  };
}

/**
 * The store paths named by the config and by the files that the image adds outside the store. The store path of a copied source
 * is not in the image, since its files are copied to other paths. But the store paths that the bytes of these files name are.
 */
function namedByFiles({ config, settings, entries }: ContentFile, nodes: Map<string, ClosureEntry>): Set<string> {
  const byHash = (paths: Iterable<string>) => new Map([...paths].map((path) => [hashPart(basename(path)), path]));
  // The config that the image inherits from a base made elsewhere names paths of this base.
  const text = JSON.stringify([settings?.at(-1) ?? config, entries.filter(({ kind }) => kind !== "copy")]);
  const named = new Set(referencesIn(Buffer.from(text), byHash(nodes.keys())));
  for (const entry of entries) {
    if (entry.kind !== "copy") continue;
    // Nix knows the references of the whole store path. The copied part of it may have fewer.
    const references = nodes.get(storePath(entry.source))?.references ?? [];
    if (references.length === 0) continue;
    for (const path of referencesOfTree(entry.source, byHash(references))) named.add(path);
  }
  return named;
}

/** The references of a store path to other paths. */
function referencesOf(path: string, nodes: Map<string, ClosureEntry>): string[] {
  return nodes.get(path)?.references.filter((each) => each !== path) ?? [];
}

function planned(request: PlanRequest): PlannedLayer[] {
  try {
    return planLayers(request);
  } catch (error) {
    throw error instanceof PlanError ? new BuildError([{ at: ["layers"], message: error.message }]) : error;
  }
}

/** The store path that contains a path. */
function storePath(path: string): string {
  return path.split("/").slice(0, 4).join("/");
}
