/** The bill of materials as SPDX 3.0.1 in JSON-LD. */
import { ociPurl } from "./cyclonedx.ts";
import { expressionOf, nameOf as licenseName } from "../license/license.ts";
import { cpesOf, type Materials, type Package } from "./materials.ts";
import { toHex } from "../oci/digest.ts";
import { percentEncode } from "../util/percent-encode.ts";

const CREATION = "_:creation";

/** The document, for `jsonPieces`. */
export function spdx(materials: Materials): object {
  const iri = (kind: string, of: string) => `urn:imgc:${materials.digest}:${kind}:${percentEncode(of)}`;
  const agent = iri("agent", "imgc");
  const bill = iri("sbom", materials.name);
  function* graph(): Generator<object> {
    yield {
      type: "CreationInfo",
      "@id": CREATION,
      specVersion: "3.0.1",
      created: materials.created.replace(/\.\d+/, ""),
      createdBy: [agent],
    };
    yield element("SoftwareAgent", agent, { name: "imgc" });
    yield element("SpdxDocument", iri("document", materials.name), {
      profileConformance: ["core", "software", "simpleLicensing"],
      rootElement: [bill],
    });
    yield element("software_Sbom", bill, {
      software_sbomType: ["build"],
      rootElement: [iri("image", materials.name)],
      element: identifiers(elements(materials, iri)),
    });
    yield* elements(materials, iri);
  }
  return { "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph() };
}

interface Element {
  type: string;
  spdxId: string;
}

function element(type: string, spdxId: string, rest: object): Element {
  return { type, spdxId, creationInfo: CREATION, ...rest } as Element;
}

function* identifiers(of: Iterable<Element>): Generator<string> {
  for (const { spdxId } of of) yield spdxId;
}

/** The elements of the document: image, layers, packages, files and licences, then their relationships. */
function* elements(materials: Materials, iri: (kind: string, of: string) => string): Generator<Element> {
  const { packages, files, layers } = materials;
  const image = iri("image", materials.name);
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const packageIri = (path: string) => iri("package", nameOf(path));
  const layerIri = (diffId: string) => iri("layer", diffId);
  yield element("software_Package", image, {
    name: materials.name,
    software_packageVersion: materials.tag,
    software_primaryPurpose: "container",
    software_packageUrl: ociPurl(materials),
    verifiedUsing: [hash(toHex(materials.digest))],
  });
  for (const diffId of layers) {
    yield element("software_File", layerIri(diffId), {
      name: diffId,
      software_primaryPurpose: "archive",
      verifiedUsing: [hash(toHex(diffId))],
    });
  }
  for (const of of packages) yield element("software_Package", packageIri(of.path), packageFields(of));
  for (const { path, sha256 } of files) {
    yield element("software_File", iri("file", path), { name: path, verifiedUsing: [hash(sha256)] });
  }
  // The outputs of a package share its patches.
  const patchIri = ({ name, version }: Package, patch: string) => iri("patch", `${name}-${version}/${patch}`);
  const patches = new Map(packages.flatMap((of) => of.patches.map((each) => [patchIri(of, each.name), each])));
  for (const [spdxId, { name, url, fixes }] of patches) {
    yield element("software_File", spdxId, {
      name,
      software_primaryPurpose: "patch",
      ...(url === undefined
        ? {}
        : { externalRef: [{ type: "ExternalRef", externalRefType: "sourceArtifact", locator: [url] }] }),
      ...(fixes.length === 0 ? {} : { externalIdentifier: fixes.map((id) => externalIdentifier("cve", id)) }),
    });
  }
  const licenses = new Map(
    packages.flatMap((of) => of.licenses.map((license) => [expressionOf(license), licenseName(license)])),
  );
  for (const [text, name] of licenses) {
    yield element("simplelicensing_LicenseExpression", iri("license", text), {
      simplelicensing_licenseExpression: text,
      ...(text === name ? {} : { description: name }),
    });
  }

  // An element has at most one relationship of each type, so type and name identify the relationship.
  function* relate(from: string, relationshipType: string, name: string, to: string[]): Generator<Element> {
    if (to.length === 0) return;
    yield element("Relationship", iri(relationshipType, name), { from, relationshipType, to });
  }
  yield* relate(image, "contains", "image", layers.map(layerIri));
  yield* relate(image, "dependsOn", "image", materials.roots.map(packageIri));
  const packagesOf = Map.groupBy(packages, ({ layer }) => layer);
  const filesOf = Map.groupBy(files, ({ layer }) => layer);
  for (const diffId of layers) {
    const inside = [
      ...(packagesOf.get(diffId) ?? []).map(({ path }) => packageIri(path)),
      ...(filesOf.get(diffId) ?? []).map(({ path }) => iri("file", path)),
    ];
    yield* relate(layerIri(diffId), "contains", diffId, inside);
  }
  for (const of of packages) {
    const { path, references, licenses: own } = of;
    const declared = own.map((license) => iri("license", expressionOf(license)));
    yield* relate(packageIri(path), "dependsOn", nameOf(path), references.map(packageIri));
    yield* relate(packageIri(path), "hasDeclaredLicense", nameOf(path), declared);
    const applied = new Set(of.patches.map(({ name }) => patchIri(of, name)));
    yield* relate(packageIri(path), "patchedBy", nameOf(path), [...applied]);
  }
}

function packageFields(of: Package): object {
  const [source] = of.sources;
  const known = externalIdentifiers(of);
  return {
    name: of.name,
    ...(of.version === "" ? {} : { software_packageVersion: of.version }),
    ...(of.description === null ? {} : { summary: of.description }),
    ...(of.homepage === null ? {} : { software_homePage: of.homepage }),
    ...(source === undefined ? {} : { software_downloadLocation: source }),
    software_packageUrl: of.nixPurl,
    ...(known.length === 0 ? {} : { externalIdentifier: known }),
    verifiedUsing: [{ ...hash(of.narHash), comment: `of the NAR of ${of.path}` }],
  };
}

function externalIdentifiers(of: Package): object[] {
  const certainty = of.cpe === undefined ? { comment: "possible; the package set is not certain" } : {};
  return [
    ...cpesOf(of).map((cpe) => ({ ...externalIdentifier("cpe23", cpe), ...certainty })),
    ...(of.purl === undefined ? [] : [externalIdentifier("packageUrl", of.purl)]),
  ];
}

function externalIdentifier(externalIdentifierType: string, identifier: string): object {
  return { type: "ExternalIdentifier", externalIdentifierType, identifier };
}

function hash(hashValue: string): object {
  return { type: "Hash", algorithm: "sha256", hashValue };
}
