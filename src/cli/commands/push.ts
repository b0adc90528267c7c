/** `imgc push`: pushes to registries with skopeo, and makes only the missing layers. Progress goes to standard error. */
import { fullNameOf } from "../../image/export.ts";
import { attach, type Attachment } from "../../publish/attach.ts";
import { dryRun } from "../../publish/dry-run.ts";
import { prepare } from "../../publish/prepare.ts";
import { push as pushTo } from "../../publish/push.ts";
import { parseDestination } from "../../oci/destination.ts";
import { encodeIndex, indexPart, indexTag } from "../../image/index-directory.ts";
import type { ImageDirectory } from "../../image/image-directory.ts";
import { indexView, type View } from "../../serve/view.ts";
import { LayerPool } from "../../serve/layer-pool.ts";
import { Realiser } from "../../nix/realise.ts";
import { buildDigests } from "../../app/build-digests.ts";
import { printableLine } from "../../util/printable.ts";
import { sizeText, quantity } from "../../util/quantities.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { isSpec } from "../../app/spec-files.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { openImages } from "../../app/open-image.ts";
import { LayerProgress } from "../terminal/layer-progress.ts";
import { billOfMaterials, type Format } from "./sbom.ts";
import { reporting } from "../terminal/reporter.ts";

export interface PushCommandOptions extends SpecOptions {
  dryRun?: boolean;
  insecure?: boolean;
  sbom?: Format;
}

export async function push(path: string, targets: string[], options: PushCommandOptions): Promise<void> {
  targets.forEach((target) => parseDestination(target, "latest"));
  const signal = onInterrupt("the next push does not send finished layers again");
  const images = isSpec(path)
    ? [await reporting(signal, async (context) => await buildDigests(path, options, context))]
    : openImages(path);
  const tag = tagOf(images);
  const references = targets.map((target) => parseDestination(target, tag));
  using realiser = new Realiser({ signal });
  await using pool = new LayerPool();
  using progress = new LayerProgress(process.stderr);
  const note = (message: string) => progress.line(message);
  const views = await Promise.all(images.map((each) => prepare(each, pool, realiser.realise, note)));
  const [first, ...others] = views as [View, ...View[]];
  const view = others.length === 0 ? first : indexView([first, ...others], tag);
  const copyOptions = { pool, signal, insecure: options.insecure === true, onRetry: note };
  if (options.dryRun === true) {
    for (const reference of references) {
      const layers = [];
      let documents = 0;
      // One image at a time: skopeo stops at the first image that it cannot copy.
      for (const each of views) {
        const sent = await dryRun(each, reference, copyOptions);
        layers.push(...sent.layers);
        documents += sent.documents;
      }
      for (const { title, size } of layers) process.stdout.write(`${printableLine(title)}: ${sizeText(size)}\n`);
      const sum = layers.reduce((all, { size }) => all + size, documents);
      process.stdout.write(
        `${fullNameOf(reference)}: ${quantity(layers.length, "layer")}, ${quantity(sum, "byte")} would be sent\n`,
      );
    }
    return;
  }
  // Fail before anything is sent: a file of the image may be missing on this machine.
  const bills = images.flatMap((image, i) =>
    options.sbom === undefined ? [] : [billOf(image, views[i] as View, options.sbom)],
  );
  await pushTo(view, references, {
    ...copyOptions,
    realise: realiser.realise,
    onLayer: progress.on,
    onPushed: (reference) => {
      progress.line(`pushed ${fullNameOf(reference)}`);
      process.stdout.write(`${reference.name}@${view.manifest.digest}\n`);
    },
  });
  for (const name of new Set(references.map((reference) => reference.name))) {
    for (const { of, document } of bills) {
      const digest = await attach(of, document, name, copyOptions);
      progress.line(`attached the bill of materials ${name}@${digest} to ${of.manifest.digest}`);
    }
  }
  const { layers, bytes: sum } = progress.total;
  progress.line(layers === 0 ? "no layer sent" : `${quantity(layers, "layer")} sent, ${sizeText(sum)}`);
}

/** The bill of materials of an image, to be attached to the image of its platform. */
function billOf(image: ImageDirectory, of: View, format: Format): { of: View; document: Attachment } {
  const { pieces, mediaType } = billOfMaterials({ ...image, manifestBytes: of.manifest.bytes }, format);
  return { of, document: { mediaType, bytes: Buffer.concat([...pieces].map((piece) => Buffer.from(piece))) } };
}

/** The default tag: the image's own; for several platforms, the common one, or one made from their index. */
function tagOf(images: ImageDirectory[]): string {
  const [first] = images as [ImageDirectory];
  return images.length === 1 ? first.file.tag : indexTag(encodeIndex(images.map(indexPart)), images);
}
