/** The vulnerabilities that patches fix, as OpenVEX 0.2.0 in JSON. */
import { ociPurl } from "./cyclonedx.ts";
import type { Materials } from "./materials.ts";

/** The packages that are patched against a CVE, and the patches. */
interface Fix {
  purls: Set<string>;
  patches: Set<string>;
}

/**
 * The document, for `jsonPieces`; undefined if no patch names a CVE, since a document needs a statement. Only a CVE in the
 * name of a patch that the derivation applies counts as fixed.
 */
export function openvex(materials: Materials): object | undefined {
  const fixed = new Map<string, Fix>();
  for (const { nixPurl, patches } of materials.packages) {
    for (const { name, fixes } of patches) {
      for (const cve of fixes) {
        const fix = fixed.get(cve) ?? { purls: new Set(), patches: new Set() };
        fixed.set(cve, { purls: fix.purls.add(nixPurl), patches: fix.patches.add(name) });
      }
    }
  }
  if (fixed.size === 0) return undefined;
  const image = ociPurl(materials);
  const statements = [...fixed]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([cve, fix]) => statement(image, cve, fix));
  return {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": `urn:imgc:${materials.digest}:vex`,
    author: "imgc",
    timestamp: materials.created,
    version: 1,
    statements,
  };
}

function statement(image: string, cve: string, { purls, patches }: Fix): object {
  return {
    vulnerability: { name: cve },
    products: [{ ...component(image), subcomponents: [...purls].map(component) }],
    status: "fixed",
    status_notes: `The derivation applies ${[...patches].join(", ")}.`,
  };
}

function component(purl: string): object {
  return { "@id": purl, identifiers: { purl } };
}
