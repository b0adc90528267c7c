/** Pushes images to registries, with their bills of materials and signatures. */
import { encodeIndex, indexPart, indexTag } from "../image/index-directory.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { Realiser } from "../nix/realise.ts";
import { parseDestination, type Destination } from "../oci/destination.ts";
import { attach, type Attachment } from "../publish/attach.ts";
import { dryRun, type DryRun } from "../publish/dry-run.ts";
import { prepare } from "../publish/prepare.ts";
import { push } from "../publish/push.ts";
import { readerWarnings } from "../publish/reader-warnings.ts";
import { attestImage, signImage } from "../publish/sign.ts";
import { LayerPool } from "../serve/layer-pool.ts";
import type { LayerEvent } from "../serve/send-blob.ts";
import { indexView, type View } from "../serve/view.ts";
import type { Signer } from "../sign/signer.ts";
import { billOfMaterials, type BillFormat } from "./bill-of-materials.ts";
import type { SpecFacts } from "../provenance/predicate.ts";
import { checkedReproducible, provenanceOf } from "./provenance.ts";

export interface PushOptions {
  /** Allows plain HTTP and unverified certificates. */
  insecure: boolean;
  signal: AbortSignal;
  note: (message: string) => void;
}

interface PushCallbacks {
  onLayer: (event: LayerEvent) => void;
  onPushed: (destination: Destination, digest: string) => void;
  /** Called when a bill of materials was attached to an image. */
  onAttached: (bill: string, image: string) => void;
  /** Called for each signed image or index; `isNew`: false if the key had signed it before. */
  onSigned: (image: string, isNew: boolean) => void;
  /** Like `onSigned`, for the provenance. */
  onAttested: (image: string, isNew: boolean) => void;
}

interface Attached {
  /** The format of the bills of materials to attach. */
  sbom?: BillFormat | undefined;
  signer?: Signer | undefined;
  /** Attaches the provenance; `path` is the build that contains the images. */
  provenance?: ProvenanceSource | undefined;
}

interface ProvenanceSource {
  path: string;
  spec: SpecFacts | undefined;
  onStep: (step: string) => void;
}

/** The destinations of a push. A target without a tag gets the images' own tag. */
export function destinationsOf(images: ImageDirectory[], targets: string[]): Destination[] {
  const tag = tagOf(images);
  return targets.map((target) => parseDestination(target, tag));
}

/** The layers and documents that a push to each destination would send. */
export async function* dryPush(
  images: ImageDirectory[],
  destinations: Destination[],
  options: PushOptions,
): AsyncGenerator<DryRun & { destination: Destination }> {
  using realiser = new Realiser({ signal: options.signal });
  await using pool = new LayerPool();
  const views = await viewsOf(images, pool, realiser, options);
  for (const destination of destinations) {
    const sum: DryRun = { layers: [], documents: 0 };
    // Copy the images one after another: skopeo stops at the first image that it cannot copy.
    for (const view of views) {
      const sent = await dryRun(view, destination, copyOptions(pool, options));
      sum.layers.push(...sent.layers);
      sum.documents += sent.documents;
    }
    yield { destination, ...sum };
  }
}

/** Of an image for several platforms, the index and the image of each platform are signed. */
export async function pushImages(
  images: ImageDirectory[],
  destinations: Destination[],
  { sbom, signer, provenance, onLayer, onPushed, ...options }: PushOptions & PushCallbacks & Attached,
): Promise<void> {
  using realiser = new Realiser({ signal: options.signal });
  await using pool = new LayerPool();
  const views = await viewsOf(images, pool, realiser, options);
  const [first, ...others] = views as [View, ...View[]];
  const view = others.length === 0 ? first : indexView([first, ...others], tagOf(images));
  // Make the bills before anything is sent: this fails if a file of the image is missing on this machine.
  const bills = images.flatMap((image, i) => (sbom === undefined ? [] : [billOf(image, views[i] as View, sbom)]));
  const predicates = provenance === undefined ? [] : await provenances(images, [view, ...views], provenance, options);
  const manifests = images.map(({ manifest }) => manifest);
  await push(view, destinations, {
    ...copyOptions(pool, options),
    realise: realiser.realise,
    onLayer,
    onPushed: (destination) => onPushed(destination, view.manifest.digest),
  });
  for (const name of new Set(destinations.map((destination) => destination.name))) {
    for (const warning of await readerWarnings(manifests, name, options)) options.note(warning);
    for (const { of, document } of bills) {
      const digest = await attach(of, document, name, copyOptions(pool, options));
      options.onAttached(`${name}@${digest}`, of.manifest.digest);
    }
    if (signer === undefined) continue;
    const sign = async (of: View) => {
      const isNew = await signImage(of, name, signer, copyOptions(pool, options));
      options.onSigned(`${name}@${of.manifest.digest}`, isNew);
    };
    await Promise.all([...new Set([view, ...views])].map(sign));
    const attest = async ([of, predicate]: [View, object]) => {
      const isNew = await attestImage(of, name, predicate, signer, copyOptions(pool, options));
      options.onAttested(`${name}@${of.manifest.digest}`, isNew);
    };
    await Promise.all(predicates.map(attest));
  }
}

/** The provenance of each view: of the whole build, and of the image of each platform. */
async function provenances(
  images: ImageDirectory[],
  [whole, ...parts]: [View, ...View[]],
  { path, spec, onStep }: ProvenanceSource,
  { signal }: PushOptions,
): Promise<[View, object][]> {
  const known = { spec, reproducible: await checkedReproducible(images, { onStep, signal }) };
  const found: [View, object][] = [[whole, await provenanceOf(path, images, known)]];
  for (const [i, image] of images.entries())
    if (images.length > 1) found.push([parts[i] as View, await provenanceOf(image.path, [image], known)]);
  return found;
}

async function viewsOf(
  images: ImageDirectory[],
  pool: LayerPool,
  { realise }: Realiser,
  { note }: PushOptions,
): Promise<View[]> {
  return await Promise.all(images.map((image) => prepare(image, pool, realise, note)));
}

function copyOptions(pool: LayerPool, { signal, insecure, note }: PushOptions) {
  return { pool, signal, insecure, onRetry: note };
}

/** The bill of materials of an image, to be attached to the image of its platform. */
function billOf(image: ImageDirectory, of: View, format: BillFormat): { of: View; document: Attachment } {
  const { pieces, mediaType } = billOfMaterials({ ...image, manifestBytes: of.manifest.bytes }, format);
  return { of, document: { mediaType, bytes: Buffer.concat([...pieces].map((piece) => Buffer.from(piece))) } };
}

/**
 * The default tag: the tag of the image. For several platforms, the tag of the first image; if that tag was made from
 * the digest of its manifest, a tag made from the index.
 */
function tagOf(images: ImageDirectory[]): string {
  const [first] = images as [ImageDirectory];
  return images.length === 1 ? first.file.tag : indexTag(encodeIndex(images.map(indexPart)), images);
}
