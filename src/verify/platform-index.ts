/** Verifies an image for several platforms or in two forms: its index, and every image in it. */
import { SHA256SUMS } from "../image/checksums.ts";
import { belongsToNothing, Findings } from "./findings.ts";
import { fullNameOf } from "../image/export.ts";
import { folderFiles } from "../image/files.ts";
import { indexTag } from "../image/index-tag.ts";
import { readIndexDirectory } from "../image/index-directory.ts";
import { formIn, indexPart, partName, platformsOf, type IndexPart } from "../image/index-entries.ts";
import { platformText } from "../oci/platform.ts";
import { verifyDirectory } from "./directory.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import type { Report, VerifyOptions } from "./report.ts";
import { sha256 } from "../oci/digest.ts";
import { checkSums } from "./checksums.ts";

export async function verifyIndex(path: string, options: VerifyOptions): Promise<Report> {
  const findings = new Findings();
  const files = folderFiles(path);
  checkSums(findings, files, ["index.json"]);
  const isKnown = (name: string) => name === "index.json" || name === SHA256SUMS || name.startsWith("images/");
  for (const name of files.names()) if (!isKnown(name)) findings.add(belongsToNothing(files.where(name)));
  const { bytes, parts, images } = readIndexDirectory(path);
  findings.same("number of images in the index", parts.length, images.length);
  const computedParts = images.map(indexPart);
  const report: Report = {
    form: formOf(computedParts),
    digests: [sha256(bytes)],
    names: images.slice(0, 1).map(({ file }) => fullNameOf({ name: file.name, tag: indexTag(bytes, images) })),
    notes: [...new Set(images.flatMap(({ file }) => file.notes ?? []))],
    images: platformsOf(computedParts).length,
    layers: 0,
    paths: 0,
    unhashed: 0,
    size: 0,
    findings: findings.sentences,
    untested: untestedOf(computedParts, images),
  };
  for (const [i, image] of images.entries()) {
    const computed = computedParts[i] as IndexPart;
    const platform = platformText(computed.platform);
    const form = formIn(computedParts, computed);
    const name = partName(platform, form);
    const claimed = parts[i];
    findings.same(`${name}, platform in the index`, claimed && platformText(claimed.platform), platform);
    findings.same(`${name}, media type in the index`, claimed?.mediaType, computed.mediaType);
    findings.same(`${name}, digest in the index`, claimed?.digest, computed.digest);
    findings.same(`${name}, size in the index`, claimed?.size, computed.size);
    const [annotations, expected] = [claimed, computed].map((part) => JSON.stringify(part?.annotations ?? {}));
    findings.same(`${name}, annotations in the index`, annotations, expected);
    const onStep = (step: string) => options.onStep(`${name}: ${step}`);
    const part = await verifyDirectory(image.path, { ...options, onStep });
    for (const sentence of part.findings) findings.add(`${name}: ${sentence}`);
    // The zstd form has the same contents as the gzip form.
    if (form === "zstd") continue;
    report.layers += part.layers;
    report.paths += part.paths;
    report.unhashed += part.unhashed;
    report.size += part.size;
  }
  return report;
}

function formOf(parts: IndexPart[]): string {
  const count = platformsOf(parts).length;
  if (count === parts.length) return `image directory for ${count} platforms`;
  return count === 1 ? "image directory in two forms" : `image directory for ${count} platforms, in two forms`;
}

/** The expectations that were not tested; none for several platforms. All forms of one platform have the same expectations. */
function untestedOf(parts: IndexPart[], images: ImageDirectory[]): Report["untested"] {
  const [first] = images;
  return first === undefined || platformsOf(parts).length > 1 ? { reproducible: false, run: [] } : first.file.expect;
}
