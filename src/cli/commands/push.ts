/** `imgc push`: pushes to registries with skopeo, and makes only the missing layers. Progress goes to standard error. */
import type { BillFormat } from "../../app/bill-of-materials.ts";
import { buildDigests } from "../../app/build-digests.ts";
import { compileFile, type SpecOptions } from "../../app/compile.ts";
import { specFacts } from "../../app/provenance.ts";
import { isSpec } from "../../app/spec-files.ts";
import { openImages } from "../../app/open-image.ts";
import { destinationsOf, dryPush, pushImages, type StatementKind } from "../../app/push.ts";
import { fullNameOf } from "../../image/export.ts";
import type { ImageDirectory } from "../../image/image-directory.ts";
import { parseDestination, type Destination } from "../../oci/destination.ts";
import { readSigner, type Signer } from "../../sign/signer.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { printableLine } from "../../util/printable.ts";
import { quantity, sizeText } from "../../util/quantities.ts";
import { LayerProgress } from "../terminal/layer-progress.ts";
import { reporting } from "../terminal/reporter.ts";
import { writeAbove } from "../terminal/screen.ts";
import { onInterrupt } from "../terminal/signals.ts";

export interface PushCommandOptions extends SpecOptions {
  dryRun?: boolean;
  insecure?: boolean;
  sbom?: BillFormat;
  sign?: string;
  signCommand?: string;
  attest?: "provenance";
}

export async function push(path: string, targets: string[], options: PushCommandOptions): Promise<void> {
  targets.forEach((target) => parseDestination(target, "latest"));
  let isSending = false;
  const signal = onInterrupt(() =>
    isSending ? "the next push does not send finished layers again" : "nothing was pushed",
  );
  const signer = signerOf(options, signal);
  const images = isSpec(path)
    ? await reporting(signal, async (context) => await buildDigests(path, options, context))
    : openImages(path);
  const destinations = destinationsOf(images, targets);
  using progress = new LayerProgress(process.stderr);
  const common = { insecure: options.insecure === true, signal, note: (message: string) => progress.line(message) };
  if (options.dryRun === true) {
    for await (const { destination, layers, documents } of dryPush(images, destinations, common)) {
      for (const { title, size } of layers) writeAbove(process.stdout, `${printableLine(title)}: ${sizeText(size)}\n`);
      const sum = layers.reduce((all, { size }) => all + size, documents);
      writeAbove(
        process.stdout,
        `${fullNameOf(destination)}: ${quantity(layers.length, "layer")}, ${sizeText(sum)} would be sent\n`,
      );
    }
    return;
  }
  await pushImages(images, destinations, {
    ...common,
    sbom: options.sbom,
    signer,
    provenance: options.attest && {
      path: isSpec(path) ? (images[0] as ImageDirectory).path : path,
      spec: isSpec(path) ? specFacts(path, compileFile(path, options, SILENT), options) : undefined,
      onStep: (step) => progress.line(step),
    },
    onSend: () => {
      isSending = true;
    },
    onLayer: progress.on,
    onPushed: (destination, digest) => {
      progress.title(`pushed ${fullNameOf(destination)}`);
      writeAbove(process.stdout, `${destination.name}@${digest}\n`);
    },
    onAttached: (format, document, image) =>
      progress.line(`attached the ${KIND_NAMES[format]} ${document} to ${image}`),
    onSigned: (kind, image, isNew) => progress.line(signedText(kind, image, isNew)),
  });
  progress.line(totalWords(progress, images, destinations));
}

const KIND_NAMES = {
  provenance: "provenance",
  spdx: "bill of materials",
  cyclonedx: "bill of materials",
  openvex: "OpenVEX document",
};

function signedText(kind: StatementKind, image: string, isNew: boolean): string {
  if (kind === "image") return isNew ? `signed ${image}` : `${image} is already signed by this key`;
  const document = `${kind === "provenance" ? "" : "signed "}${KIND_NAMES[kind]}`;
  return isNew ? `attached the ${document} to ${image}` : `the ${document} is already attached to ${image}`;
}

/** The layers that were sent, and those that the registries had already. */
function totalWords({ total, time }: LayerProgress, images: ImageDirectory[], destinations: Destination[]): string {
  const digests = new Set(images.flatMap(({ layers }) => layers.map(({ digest }) => digest)));
  const repositories = new Set(destinations.map(({ name }) => name)).size;
  const present = Math.max(0, digests.size * repositories - total.layers);
  const sent =
    total.layers === 0 ? "no layer sent" : `${quantity(total.layers, "layer")} sent, ${sizeText(total.bytes)}`;
  return `${sent}, ${present} already there, ${time}`;
}

/** The build has already reported all diagnostics. */
const SILENT = { diagnostics() {}, warning() {}, line() {}, event() {}, layers() {} };

/** Reads the key before anything is built or sent. */
function signerOf({ sign, signCommand, attest }: PushCommandOptions, signal: AbortSignal): Signer | undefined {
  if (sign !== undefined)
    return readSigner(sign, { command: signCommand, password: process.env["COSIGN_PASSWORD"], signal });
  if (attest !== undefined)
    throw new ImgcError(EXIT.usage, "--attest needs --sign: a provenance without a signature proves nothing");
  if (signCommand === undefined) return undefined;
  throw new ImgcError(EXIT.usage, "--sign-command needs --sign with the file of the public key");
}
