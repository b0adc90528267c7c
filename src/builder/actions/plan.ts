/** The plan derivation: which store paths the image adds to its base, and the layers they go into. */
import { writeFileSync } from "node:fs";
import { encodePlan } from "../../image/plan-file.ts";
import { layerPlaces } from "../../lock/layers.ts";
import { batchesOf } from "../../plan/batches.ts";
import { encodeMasked, encodePlain } from "../../store/masked-json.ts";
import { attributes } from "../attributes.ts";
import { phase } from "../derivation.ts";
import { makePlan, PlanArguments } from "../make-plan.ts";
import { readPlan } from "../own-files.ts";

export function plan(): void {
  const args = attributes(PlanArguments);
  phase("planning");
  const below = args.below.map(readPlan);
  const made = makePlan(args, below);
  // The lock also numbers the layers of the bases, so the places depend on these layers.
  const lowest = below.flatMap(({ layers }) => layers.map(({ paths }) => paths)).filter((paths) => paths.length > 0);
  const closure = [...below, made].flatMap((each) => each.closure);
  const places = layerPlaces(args.lock ?? undefined, closure, [...lowest, ...made.layers.map(({ paths }) => paths)]);
  const batches = batchesOf(made.layers, closure, places.slice(lowest.length));
  const layers = made.layers.map((layer, i) => ({ ...layer, batch: batches[i] }));
  // No program reads `out`. Through it, Nix finds references to the roots, whose closure has all store paths of the image.
  writeFileSync(args.out, encodePlain({ roots: made.roots }));
  writeFileSync(args.digests ?? args.out, encodeMasked(encodePlan({ ...made, layers })));
}
