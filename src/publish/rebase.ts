/** Puts an image of a registry on another base: sends a manifest and a config, and layers of the base that are missing. */
import {
  configOf,
  fittingBase,
  needsBill,
  rebased,
  rebaseFacts,
  type Documents,
  type NewBase,
} from "../image/rebase.ts";
import { replacedEntry } from "../image/index-entries.ts";
import { encode, Index, Manifest, type Platform } from "../oci/documents.ts";
import { sha256 } from "../oci/digest.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../oci/media-types.ts";
import { platformOf, platformText } from "../oci/platform.ts";
import { exactly, type RegistryReference } from "../oci/reference.ts";
import { artifactAt } from "../registry/artifact.ts";
import { manifestAt } from "../registry/manifest.ts";
import { mountBlob } from "../registry/mount.ts";
import { referrersOf } from "../registry/referrers.ts";
import { retrying } from "../registry/retry.ts";
import { skopeo } from "../registry/skopeo.ts";
import { PUSH_SILENCE } from "../registry/time-limits.ts";
import { pathsInBill } from "../sbom/read-paths.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import type { Document, View } from "../serve/view.ts";
import { ToolError } from "../util/run-tool.ts";
import { blobCache } from "./blob-cache.ts";
import type { CopyOptions } from "./copy.ts";
import { push } from "./push.ts";

export interface RebaseOptions extends CopyOptions {
  pool: LayerPool;
  signal: AbortSignal;
}

export interface Rebased {
  digest: string;
  /** The number of images: more than one for an index. */
  images: number;
  /** Layers of the new base that the repository of the image lacked, by how the registry got them. */
  mounted: number;
  copied: number;
}

/** The documents of an image in a registry. */
interface Found extends Documents {
  reference: RegistryReference;
  digest: string;
}

const BILLS = /^application\/(?:spdx\+json|vnd\.cyclonedx\+json)$/;

/** `image`: with a tag, which leads to the result afterwards. `baseText`: the base's reference, for the annotation. */
export async function rebase(
  image: RegistryReference & { tag: string },
  base: RegistryReference,
  baseText: string,
  options: RebaseOptions,
): Promise<Rebased> {
  const top = await topOf(image, options);
  const index = Index.safeParse(JSON.parse(top.toString())).data;
  const digests = index === undefined ? [sha256(top)] : index.manifests.map(({ digest }) => digest);
  const bases = Map.groupBy(await imagesOf(base, options), platformTextOf);
  const images: Found[] = [];
  for (const digest of digests) images.push(await imageAt(image, digest, options));
  const parts: { document: Document; config: Document; platform: Platform; base: Found }[] = [];
  for (const found of images) {
    const facts = rebaseFacts(found);
    const config = configOf(found);
    const platform = platformText(config);
    const [firstBase, ...otherBases] = bases.get(platform) ?? [];
    if (firstBase === undefined) throw new ImageError(`${baseText} has no image for ${platform}`);
    const forms = images.filter((each) => platformTextOf(each) === platform);
    const below = fittingBase(found, forms, [firstBase, ...otherBases]);
    const paths = needsBill(found, facts, below) ? await pathsOf(below, options) : undefined;
    const made = rebased(found, facts, { ...below, reference: baseText, paths } satisfies NewBase);
    const document = { mediaType: MEDIA_TYPES.oci.manifest, digest: sha256(made.manifest), bytes: made.manifest };
    const configType = parseJson(Manifest, made.manifest, "the manifest").config.mediaType;
    const configDocument = { mediaType: configType, digest: sha256(made.config), bytes: made.config };
    parts.push({ document, config: configDocument, platform: platformOf(config), base: below });
  }

  const sent = { mounted: 0, copied: 0 };
  for (const below of new Set(parts.map((part) => part.base))) {
    const { mounted, copied } = await bringLayers(image, below, options);
    sent.mounted += mounted;
    sent.copied += copied;
  }
  const [first] = parts;
  if (first === undefined) throw new ImageError(`${exactly(image)} is an index without images`);
  const manifest = index === undefined ? first.document : indexOf(top, parts);
  const view: View = {
    repository: image.repository,
    tag: image.tag,
    platform: first.platform as View["platform"],
    manifest,
    parts: index === undefined ? [] : parts.map(({ document }) => document),
    blobs: new Map(parts.map(({ config }) => [config.digest, config])),
  };
  // The registry has all layers, so the view serves none.
  await push(view, [{ name: image.name, tag: image.tag }], { ...options, onPushed: () => {} });
  return { digest: manifest.digest, images: parts.length, ...sent };
}

/** The index with the new manifests. */
function indexOf(top: Buffer, parts: { document: Document; platform: Platform }[]): Document {
  const raw = JSON.parse(top.toString()) as Index;
  const manifests = raw.manifests.map((entry, i) => {
    const { document, platform } = parts[i] as { document: Document; platform: Platform };
    return replacedEntry(entry, document.bytes, platform);
  });
  const bytes = encode({ ...raw, manifests });
  return { mediaType: raw.mediaType ?? INDEX_TYPE, digest: sha256(bytes), bytes };
}

function platformTextOf(image: Documents): string {
  return platformText(configOf(image));
}

async function topOf(reference: RegistryReference, options: RebaseOptions): Promise<Buffer> {
  const text = await manifestAt(exactly(reference), options);
  if (text === undefined) throw new ToolError(`${exactly(reference)}: the registry has no such image`);
  return Buffer.from(text);
}

/** The images of all platforms. */
async function imagesOf(reference: RegistryReference, options: RebaseOptions): Promise<Found[]> {
  const top = await topOf(reference, options);
  const index = Index.safeParse(JSON.parse(top.toString())).data;
  // Attestations have the platform `unknown`.
  const digests =
    index === undefined
      ? [sha256(top)]
      : index.manifests.filter(({ platform }) => platform?.os !== "unknown").map(({ digest }) => digest);
  const found: Found[] = [];
  for (const digest of digests) found.push(await imageAt(reference, digest, options));
  return found;
}

async function imageAt(reference: RegistryReference, digest: string, options: RebaseOptions): Promise<Found> {
  const name = exactly(reference, digest);
  const manifest = await topOf({ ...reference, digest }, options);
  const wanted = parseJson(Manifest, manifest, `the manifest of ${name}`).config.digest;
  const tls = options.insecure ? ["--tls-verify=false"] : [];
  const args = ["inspect", "--config", "--raw", ...tls, `docker://${name}`];
  const text = await retrying(name, options, async () => await skopeo(args, options));
  const config = Buffer.from(text);
  for (const [what, expected, bytes] of [
    ["manifest", digest, manifest],
    ["config", wanted, config],
  ] as const) {
    if (sha256(bytes) !== expected)
      throw new ImageError(`${name}: the registry sent the ${what} ${sha256(bytes)} instead of ${expected}`);
  }
  return { name, manifest, config, reference, digest };
}

/** The store paths of the base, from an attached bill of materials; undefined if none is attached. */
async function pathsOf(base: Found, options: RebaseOptions): Promise<ReadonlyMap<string, string> | undefined> {
  for (const { artifactType, digest } of await referrersOf(base.reference, base.digest, options)) {
    // Older versions of skopeo leave the type of artifacts out of the index.
    if (artifactType !== undefined && !BILLS.test(artifactType)) continue;
    const name = exactly(base.reference, digest);
    const artifact = await artifactAt(name, options);
    const bill = artifact?.layers.find(({ described }) => BILLS.test(described.mediaType));
    if (bill !== undefined) return pathsInBill(bill.bytes, bill.described.mediaType, name);
  }
  return undefined;
}

/** Gets the layers of the base into the image's repository: mounts them, or copies the whole base if that fails. */
async function bringLayers(
  image: RegistryReference,
  { reference, digest, manifest, name }: Found,
  options: RebaseOptions,
): Promise<{ mounted: number; copied: number }> {
  if (reference.name === image.name) return { mounted: 0, copied: 0 };
  const layers = [
    ...new Set(parseJson(Manifest, manifest, `the manifest of ${name}`).layers.map((each) => each.digest)),
  ];
  let mounted = 0;
  if (reference.api === image.api) {
    for (const layer of layers) {
      if (!(await mountBlob(image, reference, layer, options.signal))) break;
      mounted += 1;
    }
  }
  if (mounted === layers.length) return { mounted, copied: 0 };
  // By its digest, so that no tag changes.
  const to = exactly(image, digest);
  const tls = options.insecure ? ["--src-tls-verify=false", "--dest-tls-verify=false"] : [];
  const args = ["--insecure-policy", "copy", "--preserve-digests", ...tls, `docker://${name}`, `docker://${to}`];
  const { signal } = options;
  await retrying(to, options, async () => await skopeo(args, { signal, silence: PUSH_SILENCE, env: blobCache() }));
  return { mounted, copied: layers.length - mounted };
}
