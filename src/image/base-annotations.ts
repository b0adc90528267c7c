/**
 * Annotations of an image on a base from a registry: the base, and the facts with which `imgc rebase` can put the image on
 * another base without its layers.
 */
import * as z from "zod/mini";
import type { Layer } from "../layer/recipe.ts";
import { OwnSettings, type ContentFile } from "./content-file.ts";
import type { PlanFile } from "./plan-file.ts";

/** image-spec, annotations.md. The digest is that of the manifest for the image's platform. */
const BASE_NAME = "org.opencontainers.image.base.name";
const BASE_DIGEST = "org.opencontainers.image.base.digest";
/** The JSON text of `RebaseFacts`. */
export const REBASE_FACTS = "dev.imgc.rebase";

export const RebaseFacts = z.strictObject({
  /** The number of the base's layers. */
  layers: z.number(),
  /** The settings of the images above the base, the lowest first. */
  settings: z.array(OwnSettings),
  /** The base's store paths to which the layers or the config above refer, sorted, by the diff ID of their layer. */
  needs: z.record(z.string(), z.array(z.string())),
  /** The store paths in the layers above the base, sorted. */
  own: z.array(z.string()),
  /** Whether the image has a Nix database, which registers the paths of the base as well. */
  database: z.boolean(),
});
export type RebaseFacts = z.infer<typeof RebaseFacts>;

/** A base in a registry: its reference in the spec, and the digest of its manifest. */
export const Origin = z.object({ name: z.string(), digest: z.string(), database: z.boolean() });
export type Origin = z.infer<typeof Origin>;

/** `plans` and `layers` are those of the image and its bases, the base's first. */
export function baseAnnotations(
  { name, digest, database }: Origin,
  content: ContentFile,
  plans: PlanFile[],
  layers: Layer[],
): Record<string, string> {
  const [base, ...above] = plans;
  const settings = content.settings ?? [];
  const needs = neededPaths(base, above, layers);
  const own = above.flatMap((plan) => plan.layers.flatMap(({ paths }) => paths)).toSorted();
  return annotations(name, digest, { layers: base?.layers.length ?? 0, settings, needs, own, database });
}

export function annotations(name: string, digest: string, facts: RebaseFacts): Record<string, string> {
  return { [BASE_DIGEST]: digest, [BASE_NAME]: name, [REBASE_FACTS]: JSON.stringify(facts) };
}

function neededPaths(base: PlanFile | undefined, above: PlanFile[], layers: Layer[]): Record<string, string[]> {
  const layerOf = new Map((base?.layers ?? []).flatMap(({ paths }, i) => paths.map((path) => [path, i] as const)));
  const named = above.flatMap(({ roots, closure }) => [
    ...roots,
    ...closure.filter(({ path }) => !layerOf.has(path)).flatMap(({ references }) => references),
  ]);
  const needed = [...new Set(named)].filter((path) => layerOf.has(path));
  return byLayer(needed.map((path) => [path, layers[layerOf.get(path) as number]?.diffId as string]));
}

/** Groups pairs of a store path and the diff ID of its layer. */
export function byLayer(pairs: [path: string, diffId: string][]): Record<string, string[]> {
  const sorted = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    [...Map.groupBy(sorted, ([, diffId]) => diffId)].map(([id, all]) => [id, all.map(([path]) => path)]),
  );
}
