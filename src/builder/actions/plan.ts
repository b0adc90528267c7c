/**
 * The plan derivation: which store paths the image adds to its base, and the layers they go into. Makes the small layers of the
 * application as well, and a small layer of files that name the application, since starting one more derivation takes longer.
 */
import { lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { encodePlan, type PlanFile } from "../../image/plan-file.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import { layerPlaces } from "../../lock/layers.ts";
import { batchesOf, WITH_PLAN } from "../../plan/batches.ts";
import { changingPaths } from "../../plan/small-layers.ts";
import { encodeMasked, encodePlain } from "../../store/masked-json.ts";
import { attributes } from "../attributes.ts";
import { phase } from "../derivation.ts";
import { makePlan, PlanAndLayers, readInputs } from "../make-plan.ts";
import { rulesOf, writeLayers, type BatchLayer } from "../write-layers.ts";

/** Limit of the bytes of the files in such a layer, which each new plan reads again. */
const MAX_FILES = 1e6;

export async function plan(): Promise<void> {
  const args = attributes(PlanAndLayers);
  phase("planning");
  const inputs = readInputs(args);
  const made = makePlan(args, inputs);
  const { below, content } = inputs;
  // The lock also numbers the layers of the bases, so the places depend on these layers.
  const lowest = below.flatMap(({ layers }) => layers.map(({ paths }) => paths)).filter((paths) => paths.length > 0);
  const closure = [...below, made].flatMap((each) => each.closure);
  const places = layerPlaces(args.lock ?? undefined, closure, [...lowest, ...made.layers.map(({ paths }) => paths)]);
  const changing = changingPaths(closure);
  const batches = batchesOf(made.layers, closure, places.slice(lowest.length), changing);
  const layers = made.layers.map((layer, i) => ({ ...layer, batch: batches[i] }));
  const { out, digests, blobs, forms, permissions } = args;
  const files = content?.entries ?? [];
  const hasFilesLayer = isSmall(files) && namesSome(files, changing.application);
  for (const output of [out, digests]) if (output !== undefined) mkdirSync(output);
  // No program reads this file of `out`. Through it, Nix finds references to the roots, whose closure has all store paths of the
  // image.
  writeFileSync(`${out}/plan.json`, encodePlain({ roots: made.roots }));
  writeFileSync(
    `${digests ?? out}/plan.json`,
    encodeMasked(encodePlan({ ...made, layers, ...(hasFilesLayer && { hasFilesLayer }) })),
  );
  await writeLayers({
    layers: [...membersOf(layers), ...(hasFilesLayer ? [{ label: "files", paths: [], entries: files }] : [])],
    permissions: rulesOf(permissions),
    forms,
    outputs: { out, digests, blobs },
  });
}

/** Whether the sources of files are few bytes, and no folders. */
function isSmall(entries: RootEntry[]): boolean {
  let bytes = 0;
  for (const entry of entries) {
    if (entry.kind !== "copy") continue;
    const source = lstatSync(entry.source);
    if (source.isDirectory()) return false;
    bytes += source.size;
  }
  return bytes <= MAX_FILES;
}

/** Whether files name a path of the application, so that their layer changes with the application. */
function namesSome(entries: RootEntry[], application: ReadonlySet<string>): boolean {
  const text = JSON.stringify(entries);
  return [...application].some((path) => text.includes(path));
}

/** The layers of store paths that this derivation makes, in the order of nix/layers.nix: sorted by their first path. */
function membersOf(layers: PlanFile["layers"]): BatchLayer[] {
  const members = layers
    .filter(({ batch }) => batch === WITH_PLAN)
    .toSorted((a, b) => (firstOf(a) < firstOf(b) ? -1 : 1));
  return members.map(({ name, paths }) => ({ label: name, paths }));
}

function firstOf({ paths }: { paths: string[] }): string {
  return paths[0] ?? "";
}

export { thread } from "../write-layers.ts";
