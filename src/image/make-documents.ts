/** Makes an image's manifest and config from its layers. */
import type { Layer } from "../layer/recipe.ts";
import {
  descriptor,
  type HistoryStep,
  type ImageConfig,
  type Manifest,
  type Platform,
  type RunConfig,
} from "../oci/documents.ts";
import { MEDIA_TYPES, type ManifestKind } from "../oci/media-types.ts";

/** The text before a layer's name in the history. */
const CREATED_BY = "imgc: ";

/** The history's `created_by` of a layer of imgc. */
export function createdBy({ name }: Layer): string {
  return `${CREATED_BY}${name}`;
}

/** The names of imgc's layers by layer index, from the history. */
export function ownLayers({ history = [] }: Pick<ImageConfig, "history">): Map<number, string> {
  const named = history.filter((step) => step.empty_layer !== true).map((step) => step.created_by ?? "");
  return new Map(
    named.flatMap((name, i) => (name.startsWith(CREATED_BY) ? [[i, name.slice(CREATED_BY.length)] as const] : [])),
  );
}

/** The manifest. Only OCI manifests can have annotations; so can their layers. */
export function makeManifest(
  kind: ManifestKind,
  config: Buffer,
  layers: Layer[],
  annotations: Record<string, string>,
): Manifest {
  const types = MEDIA_TYPES[kind];
  return {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(types.config, config),
    layers: layers.map(({ compression, digest, size, annotations: ofLayer }) => ({
      mediaType: types[compression.algorithm],
      digest,
      size,
      ...(ofLayer === undefined || kind === "docker" ? {} : { annotations: ofLayer }),
    })),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
}

/** The config that an image inherits: without ONBUILD steps, which only `docker build` runs. */
export function inheritedConfig({ config = {} }: ImageConfig): RunConfig {
  const { OnBuild: _, ...rest } = config;
  return rest;
}

/**
 * The history of a base if it has one step for each layer (image-spec, config.md); otherwise a new history with one step for
 * each layer, with a fixed text: the name of the base's file must not change the image's digest.
 */
export function historyOf({ history = [] }: ImageConfig, layers: number): HistoryStep[] {
  if (history.filter((step) => step.empty_layer !== true).length === layers) return history;
  return Array.from({ length: layers }, () => ({ created_by: "base" }));
}

export function makeConfig(
  { platform, author }: { platform: Platform; author: string | null },
  created: string,
  config: RunConfig,
  layers: Layer[],
  below: HistoryStep[] = [],
  commentOf: (layer: Layer) => string | undefined = () => undefined,
): ImageConfig {
  const describedLayers = below.filter((step) => step.empty_layer !== true).length;
  const own = layers.slice(describedLayers).map((layer) => {
    const comment = commentOf(layer);
    return { created, created_by: createdBy(layer), ...(comment === undefined ? {} : { comment }) };
  });
  return {
    created,
    ...(author === null ? {} : { author }),
    ...platform,
    config,
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: [...below, ...own],
  };
}
