/** The bill of materials of an image. */
import type { ImageDirectory } from "../image/image-directory.ts";
import { cyclonedx } from "../sbom/cyclonedx.ts";
import type { DocumentFormat } from "../sbom/formats.ts";
import { jsonPieces } from "../sbom/json.ts";
import { coverageOf, materials, type Coverage, type Materials } from "../sbom/materials.ts";
import { openvex } from "../sbom/openvex.ts";
import { spdx } from "../sbom/spdx.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** The predicate types are those of cosign's types `spdxjson`, `cyclonedx` and `openvex`. */
export const FORMATS = {
  spdx: { make: spdx, mediaType: "application/spdx+json", predicateType: "https://spdx.dev/Document" },
  cyclonedx: {
    make: cyclonedx,
    mediaType: "application/vnd.cyclonedx+json",
    predicateType: "https://cyclonedx.org/bom",
  },
  openvex: { make: fixes, mediaType: "application/vnd.openvex+json", predicateType: "https://openvex.dev/ns" },
} satisfies Record<DocumentFormat, object>;
export type BillFormat = keyof typeof FORMATS;

/** Receives the progress, in words. */
type OnStep = (text: string) => void;

/** The document as pieces of text, since the whole text of a large image needs more memory than all its parts. */
export async function billOfMaterials(
  image: ImageDirectory,
  format: BillFormat,
  onStep?: OnStep,
): Promise<{ pieces: Generator<string>; mediaType: string; coverage: Coverage }> {
  const { make, mediaType } = FORMATS[format];
  const all = await materialsOf(image, onStep);
  return { pieces: jsonPieces(make(all)), mediaType, coverage: coverageOf(all) };
}

/** A document about the materials of an image. */
interface MaterialsDocument {
  format: BillFormat;
  bytes: Buffer;
}

/** The bill of materials, and an OpenVEX document if the name of a patch has a CVE. */
export async function billAndFixes(image: ImageDirectory, format: BillFormat): Promise<MaterialsDocument[]> {
  const all = await materialsOf(image, undefined);
  const bill = documentOf(format, FORMATS[format].make(all));
  const vex = openvex(all);
  return vex === undefined ? [bill] : [bill, documentOf("openvex", vex)];
}

function documentOf(format: BillFormat, document: object): MaterialsDocument {
  return { format, bytes: Buffer.concat([...jsonPieces(document)].map((piece) => Buffer.from(piece))) };
}

function fixes(all: Materials): object {
  const document = openvex(all);
  if (document !== undefined) return document;
  throw new ImgcError(
    EXIT.findings,
    `no patch of the packages of the image ${all.name} names a CVE, and an OpenVEX document needs at least one statement`,
  );
}

/** The materials of an image. The store paths of copied files may be missing if the image is a fetched digests file. */
async function materialsOf(image: ImageDirectory, onStep: OnStep | undefined): Promise<Materials> {
  try {
    return await materials(image, onStep);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new ImgcError(
      EXIT.environment,
      `${error.message}; build the image on this machine first, with \`imgc build\``,
    );
  }
}
