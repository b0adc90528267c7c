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

/** Longer lists of images are shortened. */
const MAX_NAMES = 3;

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
    const start = `${quantity(group.layers.length, "layer")}, ${sizeText(sizeOf(group.layers))}, of ${imagesText(group.images, views)}`;
    return [start, fit(`    ${largest.join(", ")}`, width)];
  });
  const lines = [
    ...images,
    "",
    ...shared.flat(),
    ...(shared.length === 0 ? [] : [""]),
    ...savedText(views, groups, sizes),
    ...apartText(views, groups),
    "",
  ];
  return [paint("title", row("image", "layers", "size", "shared")), ...lines.map(printableLine)].join("\n");
}

/** The names of images. If the list is long and only few images are missing, "all images except" these. */
function imagesText(images: string[], views: PlanView[]): string {
  const missing = views.map(({ title }) => title).filter((title) => !images.includes(title));
  if (images.length <= MAX_NAMES || missing.length > MAX_NAMES) return images.join(", ");
  return missing.length === 0 ? "all images" : `all images except ${missing.join(", ")}`;
}

/** Compares the saved bytes with those that one layer for each store path would save. */
function savedText(views: PlanView[], groups: SharedLayers[], sizes: ReadonlyMap<string, number>): string[] {
  const saved = groups.reduce((sum, { images, layers }) => sum + (images.length - 1) * sizeOf(layers), 0);
  const bytes = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
  const commonBytes = (images: PlanView[]) => {
    const paths = images.flatMap(({ closure }) => closure.map(({ path }) => path));
    return bytes(paths) - bytes(new Set(paths));
  };
  const shared = groups.reduce(
    (sum, { images, layers }) => sum + (images.length - 1) * bytes(layers.flatMap(({ paths }) => paths)),
    0,
  );
  // An image shares the layers of its base also if its own layers have another form.
  const common = Math.max(
    shared,
    byForm(views).reduce((sum, same) => sum + commonBytes(same), 0),
  );
  if (commonBytes(views) === 0) return ["The images have no store path in common."];
  if (common === 0)
    return [
      "The images share no layer: only images with different compression, permissions of",
      "store paths or owner of the store have store paths in common.",
    ];
  return [
    `Clients of all images pull ${sizeText(saved)} less than without shared layers. This is`,
    `${Math.floor((100 * shared) / common)} % of the bytes that one layer for each store path would save.`,
  ];
}

/** Images that cannot share layers. */
function apartText(views: PlanView[], groups: SharedLayers[]): string[] {
  const sharing = new Set(groups.flatMap(({ images }) => images));
  return byForm(views).flatMap(([only, ...others]) =>
    only === undefined || others.length > 0 || sharing.has(only.title)
      ? []
      : [
          `${only.title} shares no layer: every other image differs in`,
          "its compression, permissions of store paths, or owner of the store.",
        ],
  );
}

function byForm(views: PlanView[]): PlanView[][] {
  return [...Map.groupBy(views, ({ form }) => form).values()];
}

/** The layers of store paths that several images have, those of most images first. */
function sharedLayers(views: PlanView[]): SharedLayers[] {
  const holders = new Map<string, { images: string[]; layer: PlanLayer }>();
  for (const view of views) {
    const { title, layers } = view;
    const forms = formsOf(view, views);
    for (const [i, layer] of layers.entries()) {
      if (layer.paths.length === 0) continue;
      // Layers with equal content and form have one digest.
      const key = JSON.stringify([forms[i], contentKey(layer)]);
      holders.set(key, { layer, images: [...(holders.get(key)?.images ?? []), title] });
    }
  }
  const groups = Map.groupBy(holders.values(), ({ images }) => JSON.stringify(images));
  return [...groups.values()]
    .map((same) => ({ images: same[0]?.images ?? [], layers: same.map(({ layer }) => layer) }))
    .filter(({ images }) => images.length > 1)
    .toSorted((a, b) => b.images.length - a.images.length || sizeOf(b.layers) - sizeOf(a.layers));
}

/** The form of each layer; layers of the base have the form of the base. */
function formsOf({ layers, form, base }: PlanView, views: PlanView[]): (string | undefined)[] {
  const below = views.find(({ title }) => title === base);
  if (below === undefined) return layers.map(() => form);
  const inherited = formsOf(below, views);
  const keys = below.layers.map(contentKey);
  return layers.map((layer, i) => (contentKey(layer) === keys[i] ? inherited[i] : form));
}

function contentKey({ paths, content: { entries, permissions } }: PlanLayer): string {
  return JSON.stringify([paths.toSorted(), entries, permissions]);
}

function sizeOf(layers: PlanLayer[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}
