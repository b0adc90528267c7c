/** Divides the packages of a file's images into classes that the images share, from the plans of all these images. */
import { existsSync, readFileSync } from "node:fs";
import { PlanFile } from "../image/plan-file.ts";
import { packageNames, readEntry, readSharing, writeSharing, type Sharing } from "../lock/layers.ts";
import type { Lock } from "../lock/lock-file.ts";
import { firstRecords, lastRecords } from "../lock/locked-image.ts";
import { entryOf } from "../lock/pins.ts";
import { shareLayers, type SharedClass, type SharingImage } from "../plan/sharing.ts";
import { reachesBelow } from "../builder/content/rules.ts";
import { STORE_DIR } from "../store/store-path.ts";
import { decodeMasked } from "../store/masked-json.ts";
import type { Spec } from "../language/index.ts";
import type { ImageSpec } from "../language/schema/spec.ts";

/** By image, the classes that its next plan uses. */
export type SharingByImage = Map<string, Sharing>;

/**
 * The classes of the images of a file. `plans`: the file of each image's plan. Undefined if a plan is missing: then the
 * recorded classes stay.
 */
export function shareImages(
  plans: Map<string, string>,
  { images: specs }: Spec,
  layers: Lock["layers"],
): SharingByImage | undefined {
  if ([...plans.values()].some((path) => !existsSync(path))) return undefined;
  // A single image shares no layers. Skip the search: it would take as long as for several images.
  if (plans.size === 1) return new Map([...plans.keys()].map((image) => [image, { packages: {}, shared: {} }]));
  const forms = new Map(specs.map((image) => [image.name, formOf(image, specs)]));
  const images = [...plans].flatMap(([name, path]) => sharingImage(name, readPlan(path), forms.get(name) ?? name));
  const names = new Map(images.map(({ name, closure }) => [name, packageNames(closure)]));
  const classes = shareLayers(images, recordedClasses(images, layers));
  return new Map(
    [...plans.keys()].map((image): [string, Sharing] => {
      const sharing: Sharing = { packages: {}, shared: {} };
      for (const [i, { images: holders, paths, layers: count }] of classes.entries()) {
        if (!holders.includes(image)) continue;
        const others = holders.filter((name) => name !== image);
        sharing.shared[String(i + 1)] = writeSharing(count, others);
        for (const path of paths) sharing.packages[names.get(image)?.get(path) as string] = String(i + 1);
      }
      return [image, sharing];
    }),
  );
}

/** The lock's section `layers` with the classes of those images that have no records. */
export function withFirstRecords(sharing: SharingByImage, layers: Lock["layers"]): Lock["layers"] {
  const isShared = ([, { shared }]: [string, Sharing]) => Object.keys(shared).length > 0;
  const first = [...sharing].filter(isShared).map(([name, each]) => [name, firstRecords(each)] as const);
  return { ...Object.fromEntries(first), ...layers };
}

function readPlan(path: string): PlanFile {
  return PlanFile.parse(decodeMasked(readFileSync(path, "utf8")));
}

/** An empty list if other steps than `auto` split the image. */
function sharingImage(name: string, { layers, closure, autoBudget }: PlanFile, form: string): SharingImage[] {
  const paths = layers.flatMap((layer) => layer.paths);
  return autoBudget === undefined || paths.length === 0 ? [] : [{ name, closure, paths, budget: autoBudget, form }];
}

/**
 * The settings on which the digests of store layers depend, besides the paths. Layers of the image's base have the form of
 * the base. `images`: all images of the file.
 */
export function formOf(image: ImageSpec, images: readonly ImageSpec[]): string {
  const { compression, permissions } = image;
  const rules = permissions.filter(({ glob }) => reachesBelow(glob, STORE_DIR));
  return JSON.stringify([compression, rules, storeOwner(image, images)]);
}

/** The owner of the store: the user of the setting `nix`, or the owner in the base. */
function storeOwner({ nix, base }: ImageSpec, images: readonly ImageSpec[]): string {
  const below = base.kind === "image" ? images.find(({ name }) => name === base.name) : undefined;
  return nix?.user ?? (below === undefined ? "root" : storeOwner(below, images));
}

/** The classes that the last records of all their images agree on, with the present paths of their packages. */
function recordedClasses(images: SharingImage[], layers: Lock["layers"]): SharedClass[] {
  const found = new Map<string, SharedClass[]>();
  for (const { name, closure } of images) {
    const entry = entryOf(layers, name);
    if (entry === undefined) continue;
    const { packages, shared = {} } = lastRecords(entry);
    const paths = new Map<string, string[]>();
    for (const [path, own] of packageNames(closure)) {
      const number = readEntry(entryOf(packages, own) ?? "")?.shared;
      if (number !== undefined) paths.set(number, [...(paths.get(number) ?? []), path]);
    }
    for (const [number, text] of Object.entries(shared)) {
      const sharing = readSharing(text);
      if (sharing === undefined) continue;
      const recorded: SharedClass = {
        images: [name, ...sharing.others].toSorted(),
        paths: (paths.get(number) ?? []).toSorted(),
        layers: sharing.layers,
      };
      const key = JSON.stringify([number, recorded]);
      found.set(key, [...(found.get(key) ?? []), recorded]);
    }
  }
  return [...found.values()].flatMap((same) => {
    const [recorded] = same as [SharedClass];
    return same.length === recorded.images.length && recorded.paths.length > 0 ? [recorded] : [];
  });
}
