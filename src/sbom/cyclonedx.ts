/** The bill of materials as CycloneDX 1.6 in JSON. */
import type { License } from "../license/license-schema.ts";
import { isExpression, isListed, nameOf } from "../license/license.ts";
import { cpesOf, type File, type Materials, type Package, type Patch } from "./materials.ts";
import { toHex } from "../oci/digest.ts";
import { percentEncode } from "../util/percent-encode.ts";

/** The document, for `jsonPieces`. */
export function cyclonedx(materials: Materials): object {
  const image = `${materials.name}@${materials.digest}`;
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: materials.created,
      tools: { components: [{ type: "application", name: "imgc" }] },
      component: {
        type: "container",
        "bom-ref": image,
        name: materials.name,
        version: materials.tag,
        purl: ociPurl(materials),
        hashes: [{ alg: "SHA-256", content: toHex(materials.digest) }],
      },
    },
    components: components(materials),
    dependencies: dependencies(materials, image),
  };
}

function* components({ packages, files }: Materials): Generator<object> {
  for (const each of packages) yield packageComponent(each);
  for (const file of files) yield fileComponent(file);
}

function* dependencies({ roots, packages, files }: Materials, image: string): Generator<object> {
  yield { ref: image, dependsOn: [...roots, ...files.map(({ path }) => fileReference(path))] };
  for (const { path, references } of packages) yield { ref: path, dependsOn: references };
}

/** The package URL of an OCI image (purl-spec, type `oci`). */
export function ociPurl({ name, tag, digest, architecture }: Materials): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  const qualifiers = [`arch=${architecture}`, `repository_url=${name}`, `tag=${percentEncode(tag)}`];
  return `pkg:oci/${last}@${percentEncode(digest)}?${qualifiers.join("&")}`;
}

function packageComponent(of: Package): object {
  // Scanners match a component by its only `cpe`. The evidence lists all names of which the package set is not certain.
  const [cpe] = cpesOf(of);
  return {
    type: "library",
    "bom-ref": of.path,
    name: of.name,
    version: of.version,
    ...(of.description === null ? {} : { description: of.description }),
    ...(of.licenses.length === 0 ? {} : { licenses: licenses(of.licenses) }),
    ...(cpe === undefined ? {} : { cpe }),
    purl: of.nixPurl,
    ...pedigree(of),
    ...externalReferences(of),
    ...(of.possibleCpes === undefined ? {} : { evidence: { identity: of.possibleCpes.map(possible) } }),
    properties: [
      { name: "nix:store_path", value: of.path },
      { name: "nix:nar_hash", value: `sha256:${of.narHash}` },
      { name: "imgc:layer", value: of.layer },
    ],
  };
}

function possible(cpe: string): object {
  return { field: "cpe", concludedValue: cpe };
}

/** The upstream package, and the patches that the derivation applies to its source. */
function pedigree({ name, version, purl, patches }: Package): object {
  const ancestors = purl === undefined ? {} : { ancestors: [{ type: "library", name, version, purl }] };
  const applied = patches.length === 0 ? {} : { patches: patches.map(patch) };
  const both = { ...ancestors, ...applied };
  return Object.keys(both).length === 0 ? {} : { pedigree: both };
}

function patch({ name, url, fixes }: Patch): object {
  return {
    // The derivation does not say whether the authors of the software made the patch.
    type: "unofficial",
    diff: { url: url ?? percentEncode(name) },
    ...(fixes.length === 0 ? {} : { resolves: fixes.map((id) => ({ type: "security", id })) }),
  };
}

function externalReferences({ homepage, sources }: Package): object {
  const all = [
    ...(homepage === null ? [] : [{ type: "website", url: homepage }]),
    ...sources.map((url) => ({ type: "source-distribution", url })),
  ];
  return all.length === 0 ? {} : { externalReferences: all };
}

function fileComponent({ path, sha256, layer }: File): object {
  return {
    type: "file",
    "bom-ref": fileReference(path),
    name: path,
    hashes: [{ alg: "SHA-256", content: sha256 }],
    properties: [{ name: "imgc:layer", value: layer }],
  };
}

function fileReference(path: string): string {
  return `file:${path}`;
}

/** CycloneDX allows either one SPDX expression, or a list whose entries are SPDX identifiers or other names. */
function licenses(all: License[]): object[] {
  const [only, ...others] = all.map(nameOf);
  if (only !== undefined && others.length === 0 && !isListed(only) && isExpression(only)) return [{ expression: only }];
  return all.map((license) => ({
    license: isListed(nameOf(license)) ? { id: nameOf(license) } : { name: nameOf(license) },
  }));
}
