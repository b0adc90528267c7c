/**
 * Selects small layers whose recipes one derivation makes, since a derivation costs more time than hashing a small layer.
 *
 * A batch is made again if one of its layers changes. So layers that change with the application are in no batch with others, and
 * batches are small. The derivation of the plan, which a change of the application runs in any case, makes the small layers of the
 * application. The lock numbers the layers (lock/layer-places.ts): layers whose numbers are in one block are a batch, so a layer
 * stays in its batch from build to build. Layers that several images share are in batches of their own, whose members depend
 * only on the shared layers: these images have the same batches.
 */
import { blockOf, hashGroups, layerName, MIN_BATCHED, type LayerPlace } from "./layer-blocks.ts";
import { smallLayers, type ChangingPaths } from "./small-layers.ts";
import type { ClosurePath } from "./graph.ts";

/** The batch that the derivation of the plan makes. */
export const WITH_PLAN = "plan";

/** For each layer, the name of its batch; undefined for a layer with a derivation of its own. */
export function batchesOf(
  layers: readonly { name: string; paths: string[] }[],
  closure: ClosurePath[],
  places: readonly LayerPlace[],
  changing?: ChangingPaths,
): (string | undefined)[] {
  const batches = layers.map((): string | undefined => undefined);
  const kinds = smallLayers(
    layers.map(({ paths }) => paths),
    closure,
    changing,
  );
  for (const [i, kind] of kinds.entries())
    if (kind === "application" && places[i]?.shared === undefined) batches[i] = WITH_PLAN;
  const small = [...layers.keys()].filter((i) => kinds[i] === "stable" && layers[i]?.name !== "volatile");
  const give = (members: number[], name: string) => {
    if (members.length > 1) for (const layer of members) batches[layer] = name;
  };
  const byClass = Map.groupBy(small, (i) => places[i]?.shared);
  for (const [shared, members] of byClass) {
    if (shared === undefined) continue;
    const groups = hashGroups(members, (i) => layerName(layers[i]?.paths ?? []));
    for (const [i, group] of groups.entries()) give(group, `shared-${shared}-${i}`);
  }
  const own = byClass.get(undefined) ?? [];
  if (own.length < MIN_BATCHED) return batches;
  const blocks = Map.groupBy(own, (i) => blockOf(places[i]?.number ?? 1));
  for (const [block, members] of blocks) give(members, `block-${block}`);
  return batches;
}
