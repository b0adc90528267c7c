/** Pushes images to registries, with their bills of materials and signatures. */
import { defaultTag } from "../image/index-tag.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { Realiser } from "../nix/realise.ts";
import { parseDestination, type Destination } from "../oci/destination.ts";
import { attach } from "../publish/attach.ts";
import { dryRun, type DryRun } from "../publish/dry-run.ts";
import { prepare } from "../publish/prepare.ts";
import { push } from "../publish/push.ts";
import { readerWarnings } from "../publish/reader-warnings.ts";
import { attachSigned, signStatement, type SignedStatement, type Statement } from "../publish/sign.ts";
import { LayerPool } from "../serve/layer-pool.ts";
import type { LayerEvent } from "../serve/send-blob.ts";
import { indexView, type View } from "../serve/view.ts";
import { SIGNATURE_PREDICATE } from "../sign/formats.ts";
import type { Signer } from "../sign/signer.ts";
import { billAndFixes, FORMATS, type BillFormat } from "./bill-of-materials.ts";
import { PROVENANCE_TYPE, type SpecFacts } from "../provenance/predicate.ts";
import { ImgcError } from "../util/errors.ts";
import { checkedReproducible, provenanceOf } from "./provenance.ts";

export interface PushOptions {
  /** Allows plain HTTP and unverified certificates. */
  insecure: boolean;
  signal: AbortSignal;
  note: (message: string) => void;
}

interface PushCallbacks {
  /** Called before anything is sent. */
  onSend: () => void;
  onLayer: (event: LayerEvent) => void;
  onPushed: (destination: Destination, digest: string) => void;
  /** Called when a document was attached to an image. */
  onAttached: (format: BillFormat, document: string, image: string) => void;
  /** Called for each signed statement about an image or an index; `isNew`: false if the key had signed an equal one before. */
  onSigned: (kind: StatementKind, image: string, isNew: boolean) => void;
}

/** A statement to sign: the image itself, its provenance, or a document about its materials. */
export type StatementKind = "image" | "provenance" | BillFormat;

interface Attached {
  /** The format of the bills of materials to attach; OpenVEX documents come with them. */
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
  const tag = defaultTag(images);
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
  const view = wholeView(views, images);
  for (const destination of destinations)
    yield { destination, ...(await dryRun(view, views, destination, copyOptions(pool, options))) };
}

/**
 * For several platforms or two forms, signs the index and each of its images. All documents are made and signed before anything is
 * sent, because this fails if a file of the image is missing on this machine, or if the key cannot sign.
 */
export async function pushImages(
  images: ImageDirectory[],
  destinations: Destination[],
  {
    sbom,
    signer,
    provenance,
    onSend,
    onLayer,
    onPushed,
    onAttached,
    onSigned,
    ...options
  }: PushOptions & PushCallbacks & Attached,
): Promise<void> {
  using realiser = new Realiser({ signal: options.signal });
  await using pool = new LayerPool();
  const common = copyOptions(pool, options);
  const views = await viewsOf(images, pool, realiser, options);
  const view = wholeView(views, images);
  const documents: Materials[] = [];
  if (sbom !== undefined)
    for (const [i, image] of images.entries()) documents.push(...(await documentsOf(image, views[i] as View, sbom)));
  const signed = new Map<string, SignedAs[]>();
  if (signer !== undefined) {
    const predicates = provenance === undefined ? [] : await provenances(images, [view, ...views], provenance, options);
    const statements = statementsOf(new Set([view, ...views]), documents, predicates);
    for (const { name } of destinations)
      if (!signed.has(name)) signed.set(name, await signAll(statements, name, signer, common));
  }
  const attachTo = async (name: string) => {
    for (const { of, format, bytes } of documents) {
      const digest = await attach(of, { mediaType: FORMATS[format].mediaType, bytes }, name, common);
      onAttached(format, `${name}@${digest}`, of.manifest.digest);
    }
    const byImage = Map.groupBy(signed.get(name) ?? [], ({ documents: { statement } }) => statement.of);
    await Promise.all(
      [...byImage].map(async ([of, each]) => {
        for (const { kind, documents: made } of each)
          onSigned(kind, `${name}@${of.manifest.digest}`, await attachSigned(made, name, common));
      }),
    );
  };
  onSend();
  await push(view, destinations, {
    ...common,
    realise: realiser.realise,
    onLayer,
    onPushed: (destination) => onPushed(destination, view.manifest.digest),
    attachTo: documents.length > 0 || signer !== undefined ? attachTo : undefined,
  });
  const manifests = images.map(({ manifest }) => manifest);
  for (const name of new Set(destinations.map((destination) => destination.name)))
    for (const warning of await readerWarnings(manifests, name, options)) options.note(warning);
}

/** A document about an image's materials. `of`: the image. */
interface Materials {
  of: View;
  format: BillFormat;
  bytes: Buffer;
}

/** A statement to sign, with its kind for messages. */
interface StatementToSign {
  kind: StatementKind;
  statement: Statement;
}

function statementsOf(
  signed: ReadonlySet<View>,
  documents: Materials[],
  provenance: [View, object][],
): StatementToSign[] {
  const statement = (kind: StatementKind, of: View, predicateType: string, predicate: object): StatementToSign => ({
    kind,
    statement: { of, predicateType, predicate },
  });
  return [
    ...[...signed].map((of) => statement("image", of, SIGNATURE_PREDICATE, {})),
    ...documents.map(({ of, format, bytes }) =>
      statement(format, of, FORMATS[format].predicateType, JSON.parse(bytes.toString()) as object),
    ),
    ...provenance.map(([of, predicate]) => statement("provenance", of, PROVENANCE_TYPE, predicate)),
  ];
}

interface SignedAs {
  kind: StatementKind;
  documents: SignedStatement;
}

/** Signs one statement after another, since the key may be in a device with a single session. */
async function signAll(
  statements: StatementToSign[],
  name: string,
  signer: Signer,
  options: ReturnType<typeof copyOptions>,
): Promise<SignedAs[]> {
  const signed: SignedAs[] = [];
  for (const { kind, statement } of statements) {
    try {
      signed.push({ kind, documents: await signStatement(statement, name, signer, options) });
    } catch (error) {
      if (!(error instanceof ImgcError)) throw error;
      throw new ImgcError(error.exitCode, `${error.message}; nothing was pushed`, { cause: error });
    }
  }
  return signed;
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

/** The index of several images, or the only image. */
function wholeView(views: View[], images: ImageDirectory[]): View {
  const [first, ...others] = views as [View, ...View[]];
  return others.length === 0 ? first : indexView([first, ...others], defaultTag(images));
}

function copyOptions(pool: LayerPool, { signal, insecure, note }: PushOptions) {
  return { pool, signal, insecure, onRetry: note };
}

/** The documents about an image's materials, to be attached to the image of its platform. */
async function documentsOf(image: ImageDirectory, of: View, format: BillFormat): Promise<Materials[]> {
  const documents = await billAndFixes({ ...image, manifestBytes: of.manifest.bytes }, format);
  return documents.map((each) => ({ of, ...each }));
}
