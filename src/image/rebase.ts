/** Puts an image on another base, from its manifest and config alone. */
import * as z from "zod/mini";
import { descriptor, encode, ImageConfig, Manifest, RunConfig, type Descriptor } from "../oci/documents.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { LAYER_COMPRESSION, MEDIA_TYPES } from "../oci/media-types.ts";
import { platformText } from "../oci/platform.ts";
import { mergeRunConfig } from "../oci/run-config.ts";
import { annotations, byLayer, REBASE_FACTS, RebaseFacts } from "./base-annotations.ts";
import { historyOf, inheritedConfig, ownLayers } from "./make-documents.ts";

/** The documents of an image, and the name of the image in messages. */
export interface Documents {
  name: string;
  manifest: Buffer;
  config: Buffer;
}

export interface NewBase extends Documents {
  /** The base's reference without a digest, for the annotation. */
  reference: string;
  digest: string;
  /** The diff ID of the layer of each store path, if a bill of materials of the base lists them. */
  paths: ReadonlyMap<string, string> | undefined;
}

/** The name of the layer with the files outside the store (nix/layers.nix). */
const FILES_LAYER = "files";
/** The layers of imgc without store paths. */
const WITHOUT_PATHS = new Set([FILES_LAYER, "database"]);

const Annotations = z.record(z.string(), z.string());

/** The facts in an image's annotations. Throws if the image cannot get another base. */
export function rebaseFacts({ name, manifest }: Pick<Documents, "name" | "manifest">): RebaseFacts {
  const { annotations: raw } = parseJson(Manifest, manifest, `the manifest of ${name}`);
  const text = Annotations.safeParse(raw).data?.[REBASE_FACTS];
  if (text === undefined)
    throw new ImageError(
      `${name} does not say what it has from its base: it lacks the annotation ${REBASE_FACTS}. Images of imgc on a base ` +
        "from a registry have it, except those with `manifest docker`; build the image again",
    );
  const facts = parseJson(RebaseFacts, Buffer.from(text), `the annotation ${REBASE_FACTS} of ${name}`);
  if (facts.database)
    throw new ImageError(
      `${name} has Nix inside: its Nix database registers the store paths of the base as well, so a new base needs a new ` +
        "database; build the image on the new base",
    );
  return facts;
}

/** The store paths that the image needs, and that a base with these layers may lack. */
export function unsurePaths({ needs }: RebaseFacts, diffIds: readonly string[]): string[] {
  return Object.entries(needs)
    .filter(([diffId]) => !diffIds.includes(diffId))
    .flatMap(([, paths]) => paths);
}

/**
 * Whether a rebase needs a bill of materials of the new base: the image may need a path of a layer that goes away, or the new base
 * may have a path that the image has above its base.
 */
export function needsBill(image: Documents, facts: RebaseFacts, base: Documents): boolean {
  const [before, after] = [image, base].map(configOf) as [ImageConfig, ImageConfig];
  return unsurePaths(facts, after.rootfs.diff_ids).length > 0 || hasNewPaths(facts, before, after);
}

/** Whether the image has store paths above its base, and imgc made a layer of the new base that the old base lacks. */
function hasNewPaths({ own, layers }: RebaseFacts, before: ImageConfig, after: ImageConfig): boolean {
  if (own.length === 0) return false;
  const old = before.rootfs.diff_ids.slice(0, layers);
  return [...ownLayers(after)].some(
    ([i, name]) => !WITHOUT_PATHS.has(name) && !old.includes(after.rootfs.diff_ids[i] ?? ""),
  );
}

export function configOf({ config, name }: Documents): ImageConfig {
  return parseJson(ImageConfig, config, `the config of ${name}`);
}

function layersOf({ manifest, name }: Documents): Manifest["layers"] {
  return parseJson(Manifest, manifest, `the manifest of ${name}`).layers;
}

function zstdLayerOf(image: Documents): Descriptor | undefined {
  return layersOf(image).find(({ mediaType }) => LAYER_COMPRESSION.get(mediaType) === "zstd");
}

/**
 * The base of an image: the first of `bases`, as in a build. If the image has two forms, the base with the compression of `image`.
 * `forms`: the forms of the image, among them `image`. `bases`: the forms of the base. Throws if `image` is a gzip form and all
 * bases have zstd layers.
 */
export function fittingBase<B extends Documents>(
  image: Documents,
  forms: readonly Documents[],
  [first, ...others]: readonly [B, ...B[]],
): B {
  if (forms.length === 1) return first;
  // Forms of one image have the same config.
  const bases = [first, ...others.filter(({ config }) => config.equals(first.config))];
  if (zstdLayerOf(image) !== undefined) return bases.find((base) => zstdLayerOf(base) !== undefined) ?? first;
  const gzip = bases.find((base) => zstdLayerOf(base) === undefined);
  if (gzip !== undefined) return gzip;
  throw new ImageError(
    `${first.name} has the layer ${zstdLayerOf(first)?.digest}, which is compressed with zstd, so clients without zstd could not ` +
      `pull the gzip form ${image.name}; use a base with a gzip form, or build the image with \`compression zstd\``,
  );
}

/** The documents of the image on the new base: those that a build on the new base would make. */
export function rebased(image: Documents, facts: RebaseFacts, base: NewBase): { manifest: Buffer; config: Buffer } {
  const { diffIds, config } = rebasedConfig(image, facts, base);
  const manifest = JSON.parse(image.manifest.toString()) as Manifest & { annotations: Record<string, string> };
  const below = layersOf(base).map(({ mediaType, digest, size, annotations: ofLayer }) => {
    const algorithm = LAYER_COMPRESSION.get(mediaType);
    if (algorithm === undefined)
      throw new ImageError(`${base.name} has a layer of the media type ${mediaType}, which imgc does not know`);
    // With its annotations, a zstd:chunked layer stays one.
    return { mediaType: MEDIA_TYPES.oci[algorithm], digest, size, ...(ofLayer && { annotations: ofLayer }) };
  });
  const layers = [...below, ...manifest.layers.slice(facts.layers)];
  if (layers.length !== diffIds.length) throw new ImageError(`${image.name}: manifest and config do not fit together`);
  const needs = neededOf(facts, base, diffIds);
  const own = annotations(base.reference, base.digest, { ...facts, layers: below.length, needs });
  return {
    config,
    manifest: encode({
      ...manifest,
      config: descriptor(manifest.config.mediaType, config),
      layers,
      annotations: { ...manifest.annotations, ...own },
    }),
  };
}

function rebasedConfig(image: Documents, facts: RebaseFacts, base: NewBase): { diffIds: string[]; config: Buffer } {
  const [before, after] = [image, base].map(configOf) as [ImageConfig, ImageConfig];
  if (platformText(before) !== platformText(after))
    throw new ImageError(`${image.name} is for ${platformText(before)}, ${base.name} for ${platformText(after)}`);
  const both = facts.own.filter((path) => base.paths?.has(path) === true);
  if (both.length > 0)
    throw new ImageError(
      `${base.name} has store paths that ${image.name} has above its base: ${both.join(", ")}; a store path may be in only ` +
        "one layer, so build the image on the new base",
    );
  const own = before.rootfs.diff_ids.slice(facts.layers);
  const names = ownLayers(before);
  // The same files outside the store do no harm in two layers.
  const twice = own.find(
    (diffId, i) => names.get(facts.layers + i) !== FILES_LAYER && after.rootfs.diff_ids.includes(diffId),
  );
  if (twice !== undefined)
    throw new ImageError(
      `${base.name} has the layer ${twice}, which ${image.name} has above its base; a store path may be in only one ` +
        "layer, so build the image on the new base",
    );
  if (base.paths === undefined && hasNewPaths(facts, before, after))
    throw new ImageError(
      `${base.name} may have store paths that ${image.name} has above its base, and no bill of materials says which it has: ` +
        "push the base with `--sbom`, or build the image on it",
    );
  const diffIds = [...after.rootfs.diff_ids, ...own];
  const config = facts.settings.reduce<RunConfig>(
    // A build parses the merged config as well, which decides the order of its members.
    (below, { config: settings, extendedEnv }) => RunConfig.parse(mergeRunConfig(below, settings, extendedEnv)),
    inheritedConfig(after),
  );
  const history = [
    ...historyOf(after, after.rootfs.diff_ids.length),
    ...(before.history ?? []).slice(before.history === undefined ? 0 : before.history.length - own.length),
  ];
  // Keeps the members and their order, on which the digest depends.
  const raw = JSON.parse(image.config.toString()) as object;
  return {
    diffIds,
    config: encode({ ...raw, config, rootfs: { type: "layers", diff_ids: diffIds }, history }),
  };
}

/** The needed store paths by the layers of the new base. Throws if the base lacks some, or may lack some. */
function neededOf(facts: RebaseFacts, { name, paths }: NewBase, diffIds: string[]): RebaseFacts["needs"] {
  const unsure = unsurePaths(facts, diffIds);
  const missing = unsure.filter((path) => paths?.has(path) !== true);
  if (missing.length > 0) {
    const what = paths === undefined ? "may lack" : "lacks";
    const hint =
      paths === undefined
        ? `. The layers with these paths are not in ${name}, and no bill of materials says what it has: push the base with \`--sbom\`, or build the image on it`
        : "; build the image on it";
    throw new ImageError(`${name} ${what} store paths to which the image refers: ${missing.join(", ")}${hint}`);
  }
  const kept = Object.entries(facts.needs).flatMap(([diffId, all]) =>
    all.map((path): [string, string] => [path, diffIds.includes(diffId) ? diffId : (paths?.get(path) ?? "")]),
  );
  return byLayer(kept);
}
