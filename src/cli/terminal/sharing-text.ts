/** Formats the layers that several images share as text of 80 columns. */
import type { PlanLayer, PlanView } from "../../app/plan-view.ts";
import { nameOf } from "../../store/store-path.ts";
import { printableLine } from "../../util/printable.ts";
import { quantity, sizeText } from "../../util/quantities.ts";
import type { Layout } from "./style.ts";
import { fit } from "./width.ts";

/** Layers that the same images have. */
interface SharedLayers {
  images: string[];
  layers: PlanLayer[];
}

export function sharingText(views: PlanView[], { width, paint }: Layout): string {
  const groups = sharedLayers(views);
  const sizes = new Map(views.flatMap(({ closure }) => closure.map(({ path, narSize }) => [path, narSize])));
  const titleWidth = Math.max("image".length, ...views.map(({ title }) => title.length));
  const row = (title: string, layers: string, size: string, shared: string) =>
    `${title.padEnd(titleWidth)}  ${layers.padStart(6)}  ${size.padStart(8)}  ${shared.padStart(8)}`;
  const images = views.map(({ title, layers }) => {
    const shared = groups.filter((group) => group.images.includes(title)).flatMap((group) => group.layers);
    return row(title, String(layers.length), sizeText(sizeOf(layers)), sizeText(sizeOf(shared)));
  });
  const shared = groups.map((group) => {
    const paths = group.layers.flatMap((layer) => layer.paths);
    const largest = paths.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)).map(nameOf);
    const start = `${quantity(group.layers.length, "layer")}, ${sizeText(sizeOf(group.layers))}, of ${group.images.join(", ")}`;
    return [start, fit(`    ${largest.join(", ")}`, width)];
  });
  const lines = [
    ...images,
    "",
    ...shared.flat(),
    ...(shared.length === 0 ? [] : [""]),
    ...savedText(views, groups),
    "",
  ];
  return [paint("title", row("image", "layers", "size", "shared")), ...lines.map(printableLine)].join("\n");
}

/** Compares the saved bytes with those that one layer for each store path would save. */
function savedText(views: PlanView[], groups: SharedLayers[]): string[] {
  const saved = groups.reduce((sum, { images, layers }) => sum + (images.length - 1) * sizeOf(layers), 0);
  const all = views.flatMap(({ closure }) => closure);
  const bytes = (some: Iterable<{ narSize: number }>) => [...some].reduce((sum, { narSize }) => sum + narSize, 0);
  const common = bytes(all) - bytes(new Map(all.map((entry) => [entry.path, entry])).values());
  if (common === 0) return ["The images have no store path in common."];
  return [
    `Clients of all images pull ${sizeText(saved)} less than without shared layers.`,
    `One layer for each store path would save ${sizeText(common)}.`,
  ];
}

/** The layers of store paths that several images have, those of most images first. */
function sharedLayers(views: PlanView[]): SharedLayers[] {
  const holders = new Map<string, { images: string[]; layer: PlanLayer }>();
  for (const { title, layers, compression } of views) {
    for (const layer of layers) {
      if (layer.paths.length === 0) continue;
      // Layers with equal content and compression have one digest.
      const { entries, permissions } = layer.content;
      const key = JSON.stringify([compression, layer.paths.toSorted(), entries, permissions]);
      holders.set(key, { layer, images: [...(holders.get(key)?.images ?? []), title] });
    }
  }
  const groups = Map.groupBy(holders.values(), ({ images }) => JSON.stringify(images));
  return [...groups.values()]
    .map((same) => ({ images: same[0]?.images ?? [], layers: same.map(({ layer }) => layer) }))
    .filter(({ images }) => images.length > 1)
    .toSorted((a, b) => b.images.length - a.images.length || sizeOf(b.layers) - sizeOf(a.layers));
}

function sizeOf(layers: PlanLayer[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}
