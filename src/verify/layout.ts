/** Verifies an OCI image layout (image-spec, image-layout.md) of any tool, as a folder or in an archive. */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { Findings } from "./findings.ts";
import { fullNameOf, namingIndex } from "../image/export.ts";
import type { Files } from "../image/files.ts";
import type { ImageFile } from "../image/image-file.ts";
import {
  blobName,
  checkMediaTypes,
  type Described,
  type Descriptor,
  ImageConfig,
  Index,
  type Platform,
} from "../oci/documents.ts";
import { describedForm } from "../image/index-entries.ts";
import { listImages, type ListedImage } from "../image/list-images.ts";
import { platformText, platformOf } from "../oci/platform.ts";
import { labelsOf, type Labelled } from "./labels.ts";
import { beginReport, checkNumber, verifyImage, type Image } from "./blobs.ts";
import type { Report, VerifyOptions } from "./report.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { digestOf, sha256 } from "../oci/digest.ts";
import { INDEX_TYPES, isManifestType, LAYER_COMPRESSION } from "../oci/media-types.ts";

const Marker = z.looseObject({ imageLayoutVersion: z.literal("1.0.0") });

export async function verifyLayout(form: string, files: Files, options: VerifyOptions): Promise<Report> {
  const { findings, report, own, growth } = beginReport(form, files, ["index.json", "oci-layout"]);
  parseJson(Marker, files.read("oci-layout"), files.where("oci-layout"));
  const index = parseJson(Index, files.read("index.json"), files.where("index.json"));
  const { mediaType, manifests } = index;
  if (mediaType !== undefined && !INDEX_TYPES.includes(mediaType))
    findings.add(`index.json has the media type ${mediaType}, which is not that of an image index`);
  const { images, others, forms, nested } = listed(findings, files, index);
  for (const blob of others) await checkBlob(findings, files, blob);
  const [only, ...more] = manifests;
  if (only !== undefined && more.length === 0 && INDEX_TYPES.includes(only.mediaType)) report.index = only.digest;
  if (images.length === 0) findings.add("index.json lists no image");
  report.images = new Set(images.map(({ manifest }) => manifest.config.digest)).size;
  const named = images.flatMap((image) => {
    const { digest } = image.described;
    // If an image has two names, index.json lists it once for each name. Each name has a description in image.json or
    // images.json, which must match the image.
    const isIn = (top: string | undefined) => top === digest || (top !== undefined && forms.get(top)?.has(digest));
    const descriptions = own.filter((_, i) => isIn(manifests[i]?.digest) === true);
    if (own.length > 0 && descriptions.length === 0)
      findings.add(`image.json does not describe the image ${digest}: only a nested index lists the image`);
    const top = manifests.find((each) => each.digest === digest || nested.get(each.digest)?.has(digest) === true);
    return (descriptions.length > 0 ? descriptions : [undefined]).map((file) => ({ image, file, top }));
  });
  report.names.push(...labelsOf(named.map(labelled)));
  for (const [i, { image, file }] of named.entries()) {
    if (findings.isFull) break;
    const { layers, paths, unhashed, size } = report;
    const counted = { layers, paths, unhashed, size };
    const about = findings.of(named.length > 1 ? (report.names[i] ?? "") : "");
    await verifyManifest(about, report, files, { ...image, file, growth }, options);
    if (hasEarlierForm(image, images)) Object.assign(report, counted);
  }
  if (own.length > 0) checkNaming(findings, files, manifests, own);
  return report;
}

/** The index of a layout of imgc must be exactly the index that imgc writes for these images. */
function checkNaming(findings: Findings, files: Files, manifests: Descriptor[], own: ImageFile[]): void {
  if (manifests.length === 0) return findings.add("index.json lists no image");
  checkNumber(findings, own, manifests.length);
  if (manifests.length !== own.length) return;
  const named = manifests.map(({ mediaType, digest }, i) => ({
    called: own[i] as ImageFile,
    mediaType,
    manifest: files.read(blobName(digest)),
  }));
  const expected = namingIndex(named);
  if (expected.equals(files.read("index.json"))) return;
  const names = own.map(fullNameOf).join(" and ");
  findings.add(`index.json differs from the index that imgc writes for ${names}: ${expected.toString().trim()}`);
}

interface Listed {
  images: ListedImage[];
  /** The blobs of other artifacts, such as signatures. */
  others: Descriptor[];
  /** The digests of the forms of an image, by the digest of the index that lists these forms. */
  forms: Map<string, Set<string>>;
  /** The digests in each nested index, by the digest of the index. */
  nested: Map<string, Set<string>>;
}

/** An image with its description, and the entry of index.json for the image or for an index with the image. */
interface Named {
  image: ListedImage;
  file: ImageFile | undefined;
  top: Described | undefined;
}

function labelled({ image: { described, manifest }, file, top }: Named): Labelled {
  const { "io.containerd.image.name": full, "org.opencontainers.image.ref.name": tag } = top?.annotations ?? {};
  const { platform } = described;
  return {
    name: file === undefined ? (full ?? tag ?? "") : fullNameOf(file),
    platform: platform === undefined ? "" : platformText(platform),
    form: describedForm(manifest.layers),
  };
}

/** Whether the entries of a nested index are forms of one image: they have the same config. */
function areForms(images: ListedImage[], digests: Set<string>): boolean {
  const found = images.filter(({ described }) => digests.has(described.digest));
  const configs = new Set(found.map(({ manifest }) => manifest.config.digest));
  return digests.size > 1 && found.length === digests.size && configs.size === 1;
}

/** Whether an earlier image has the same config, which lists the diff IDs of all layers. */
function hasEarlierForm(image: ListedImage, images: ListedImage[]): boolean {
  return images.find(({ manifest }) => manifest.config.digest === image.manifest.config.digest) !== image;
}

/** Checks the bytes of all listed indexes and manifests. */
function listed(findings: Findings, files: Files, index: Index): Listed {
  const others: Descriptor[] = [];
  const nested = new Map<string, Set<string>>();
  const images = listImages(files, index, {
    read: (described, kind) => checkedBytes(findings, files, described, kind),
    onIndex: ({ mediaType, manifests }, described) => {
      nested.set(described.digest, new Set(manifests.map(({ digest }) => digest)));
      const claimed = described.mediaType;
      findings.same("nested index, media type in the outer index", claimed, mediaType ?? claimed);
    },
    onOther: (described, manifest) =>
      others.push(...(manifest === undefined ? [described] : [manifest.config, ...manifest.layers])),
  });
  const forms = new Map([...nested].filter(([, digests]) => areForms(images, digests)));
  return { images, others, forms, nested };
}

async function verifyManifest(
  findings: Findings,
  report: Report,
  files: Files,
  { described, manifest, file, growth }: ListedImage & Pick<Image, "file" | "growth">,
  options: VerifyOptions,
): Promise<void> {
  report.digests.push(described.digest);
  const { mediaType = described.mediaType } = manifest;
  findings.same("manifest, media type in the index", described.mediaType, mediaType);
  const sentences = checkMediaTypes({ ...manifest, mediaType });
  // Other tools mix Docker's layer types with OCI's, and all clients accept that.
  if (file !== undefined || !isManifestType(mediaType)) for (const sentence of sentences) findings.add(sentence);
  const bytes = checkedBytes(findings, files, manifest.config, "config");
  const config = parseJson(ImageConfig, bytes, `the config ${files.where(blobName(manifest.config.digest))}`);
  checkPlatform(findings, described, config);
  const layers = manifest.layers.map(({ mediaType: type, digest, size, annotations }, i) => {
    const algorithm = LAYER_COMPRESSION.get(type);
    if (algorithm === undefined)
      throw new ImageError(`layer ${i + 1} has the media type ${type}, which is not that of a layer`);
    return { name: blobName(digest), algorithm, digest, size, annotations };
  });
  await verifyImage(findings, report, files, { config, layers, file, growth }, options);
}

/** Compares the platform in the index, by which clients choose an image, with the config's. */
function checkPlatform(findings: Findings, { platform }: Described, config: ImageConfig): void {
  if (platform === undefined) return;
  const computed = platformOf(config);
  // If only the index or only the config has a variant, compares the platforms without it.
  const haveVariants = platform.variant !== undefined && computed.variant !== undefined;
  const name = ({ os, architecture, variant }: Platform) =>
    platformText({ os, architecture, ...(haveVariants ? { variant } : {}) });
  findings.same("platform in the index", name(platform), name(computed));
}

function checkedBytes(findings: Findings, files: Files, { digest, size }: Descriptor, label: string): Buffer {
  const bytes = files.read(blobName(digest));
  findings.same(`${label}, digest`, digest, sha256(bytes));
  findings.same(`${label}, size`, size, bytes.length);
  return bytes;
}

/** Checks a blob of an artifact, which may have any type and size. */
async function checkBlob(findings: Findings, files: Files, { digest, size }: Descriptor): Promise<void> {
  const name = blobName(digest);
  findings.same("blob, size", size, files.place(name).size);
  const hash = createHash("sha256");
  for await (const piece of files.stream(name) as AsyncIterable<Buffer>) hash.update(piece);
  findings.same("blob, digest", digest, digestOf(hash));
}
