/** Materials as SPDX 3.0.1 in JSON-LD. */
import type { License } from "../image/image-file.ts";
import { ociPurl } from "./cyclonedx.ts";
import type { Materials, Package } from "./materials.ts";

const CREATION = "_:creation";

export function spdx(materials: Materials): object {
  const iri = (kind: string, of: string) => `urn:imgc:${materials.digest}:${kind}:${encodeURIComponent(of)}`;
  const element = (type: string, spdxId: string, rest: object) => ({ type, spdxId, creationInfo: CREATION, ...rest });
  const relationship = (from: string, relationshipType: string, to: string[]) =>
    to.length === 0
      ? []
      : [element("Relationship", iri("relationship", `${relationshipType} ${from}`), { from, relationshipType, to })];
  const packageIri = (path: string) => iri("package", path.slice(path.lastIndexOf("/") + 1));
  const layerIri = (diffId: string) => iri("layer", diffId);

  const agent = iri("agent", "imgc");
  const image = iri("image", materials.name);
  const licenses = new Map(
    materials.packages.flatMap((of) => of.licenses.map((license) => [expression(license), license])),
  );
  const inLayer = (diffId: string) => [
    ...materials.packages.filter(({ layer }) => layer === diffId).map(({ path }) => packageIri(path)),
    ...materials.files.filter(({ layer }) => layer === diffId).map(({ path }) => iri("file", path)),
  ];

  const elements = [
    element("software_Package", image, {
      name: materials.name,
      software_packageVersion: materials.tag,
      software_primaryPurpose: "container",
      software_packageUrl: ociPurl(materials),
      verifiedUsing: [hash(materials.digest.slice("sha256:".length))],
    }),
    ...materials.layers.map((diffId) =>
      element("software_File", layerIri(diffId), {
        name: diffId,
        software_primaryPurpose: "archive",
        verifiedUsing: [hash(diffId.slice("sha256:".length))],
      }),
    ),
    ...materials.packages.map((of) => element("software_Package", packageIri(of.path), packageFields(of))),
    ...materials.files.map(({ path, sha256 }) =>
      element("software_File", iri("file", path), { name: path, verifiedUsing: [hash(sha256)] }),
    ),
    ...[...licenses].flatMap(([text, license]) => [
      element("simplelicensing_LicenseExpression", iri("license", text), {
        simplelicensing_licenseExpression: text,
        ...("id" in license ? {} : { description: license.name }),
      }),
    ]),
  ];
  const relationships = [
    ...relationship(image, "contains", materials.layers.map(layerIri)),
    ...relationship(image, "dependsOn", materials.roots.map(packageIri)),
    ...materials.layers.flatMap((diffId) => relationship(layerIri(diffId), "contains", inLayer(diffId))),
    ...materials.packages.flatMap(({ path, references, licenses: own }) => [
      ...relationship(packageIri(path), "dependsOn", references.map(packageIri)),
      ...relationship(
        packageIri(path),
        "hasDeclaredLicense",
        own.map((license) => iri("license", expression(license))),
      ),
    ]),
  ];
  const all = [...elements, ...relationships];
  const bill = iri("sbom", materials.name);
  return {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
      {
        type: "CreationInfo",
        "@id": CREATION,
        specVersion: "3.0.1",
        created: materials.created.replace(/\.\d+/, ""),
        createdBy: [agent],
      },
      element("SoftwareAgent", agent, { name: "imgc" }),
      element("SpdxDocument", iri("document", materials.name), {
        profileConformance: ["core", "software", "simpleLicensing"],
        rootElement: [bill],
      }),
      element("software_Sbom", bill, {
        software_sbomType: ["build"],
        rootElement: [image],
        element: all.map(({ spdxId }) => spdxId),
      }),
      ...all,
    ],
  };
}

function packageFields(of: Package): object {
  return {
    name: of.name,
    ...(of.version === "" ? {} : { software_packageVersion: of.version }),
    ...(of.description === null ? {} : { summary: of.description }),
    ...(of.homepage === null ? {} : { software_homePage: of.homepage }),
    software_packageUrl: of.purl,
    verifiedUsing: [{ ...hash(of.narHash), comment: `of the NAR of ${of.path}` }],
  };
}

function hash(hashValue: string): object {
  return { type: "Hash", algorithm: "sha256", hashValue };
}

/** A licence as an SPDX expression: what is not of SPDX's list has a name of its own. */
function expression(license: License): string {
  return "id" in license ? license.id : `LicenseRef-${license.name.replaceAll(/[^A-Za-z0-9.-]+/g, "-")}`;
}
