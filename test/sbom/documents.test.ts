import { readFileSync } from "node:fs";
import { join } from "node:path";
import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { jsonPieces } from "../../src/sbom/json.ts";
import { cyclonedx } from "../../src/sbom/cyclonedx.ts";
import { coverageOf, materials, type Materials } from "../../src/sbom/materials.ts";
import { openvex } from "../../src/sbom/openvex.ts";
import { spdx } from "../../src/sbom/spdx.ts";
import { readImageDirectory, type ImageDirectory } from "../../src/image/image-directory.ts";
import { folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";

/** An image of two packages, one with metadata; `app` refers to itself and to `lib`. */
async function image(): Promise<ImageDirectory> {
  const read = readImageDirectory(await makeImage(folder(), "sbom", { layers: { "lib-1.2": "a", "app-2": "b" } }));
  const [lib = "", app = ""] = read.file.closure.map(({ path }) => path);
  const closure = read.file.closure.map((entry) => ({
    ...entry,
    references: entry.path === app ? [app, lib] : [],
  }));
  const metadata = {
    path: app,
    name: "app",
    version: "2",
    output: "out",
    licenses: [{ id: "MIT" }, { name: "A licence of our own" }],
    description: "An application",
    homepage: "https://example.org",
    cpe: "cpe:2.3:a:example:app:2:*:*:*:*:*:*:*",
    purl: "pkg:github/example/app@2",
    sources: ["mirror://example/app 2.tar.gz", "not a URL"],
    patches: [
      { name: "CVE-2024-1234_cve-2024-99999.patch" },
      { name: "fix-build.patch", url: "https://example.org/fix build.patch" },
      { name: "CVE-2024-1234-tests.diff" },
    ],
  };
  return { ...read, file: { ...read.file, closure, metadata: [metadata] } };
}

function parsed(document: object): Record<string, unknown> {
  return JSON.parse([...jsonPieces(document)].join("")) as Record<string, unknown>;
}

test("materials list packages with their layers, and packages without referrers as roots", async () => {
  const read = await image();
  const { packages, roots, layers } = await materials(read);
  expect(packages.map(({ name, version, layer }) => [name, version, layer])).toEqual([
    ["lib", "1.2", layers[0]],
    ["app", "2", layers[1]],
  ]);
  expect(roots).toEqual([read.file.closure[1]?.path]);
  // A path does not depend on itself.
  expect(packages[1]?.references).toEqual([read.file.closure[0]?.path]);
  expect(packages[0]).toMatchObject({ licenses: [], homepage: null, nixPurl: "pkg:nix/lib@1.2?output=out" });
  expect(packages[0]?.narHash).toMatch(/^[0-9a-f]{64}$/);
});

test("materials report how many bytes of files were hashed", async () => {
  const read = await image();
  const text = "x".repeat(3_000_000);
  const entries = [{ path: "/large", kind: "text", text, mode: null, owner: null, capabilities: [] }];
  const [first, ...others] = read.layers;
  const steps: string[] = [];
  const layers = [{ ...first, content: { ...first?.content, entries } }, ...others] as ImageDirectory["layers"];
  await materials({ ...read, layers }, (step) => steps.push(step));
  expect(steps.at(-1)).toBe("hashing files, 3.0 MB");
});

test("CycloneDX: every dependency is a component, licences that SPDX does not list are names", async () => {
  const all = await materials(await image());
  interface Bom {
    metadata: { component: { "bom-ref": string; purl: string } };
    components: { "bom-ref": string; licenses?: object[]; pedigree?: object }[];
    dependencies: { ref: string; dependsOn: string[] }[];
  }
  const { metadata, components, dependencies } = parsed(cyclonedx(all)) as unknown as Bom;
  const known = new Set([metadata.component["bom-ref"], ...components.map((each) => each["bom-ref"])]);
  for (const { ref, dependsOn } of dependencies)
    expect([ref, ...dependsOn].filter((each) => !known.has(each))).toEqual([]);
  expect(dependencies[0]).toEqual({ ref: metadata.component["bom-ref"], dependsOn: all.roots });
  expect(components[1]?.licenses).toEqual([{ license: { id: "MIT" } }, { license: { name: "A licence of our own" } }]);
  expect(components[1]?.pedigree).toEqual({
    ancestors: [{ type: "library", name: "app", version: "2", purl: "pkg:github/example/app@2" }],
    patches: [
      {
        type: "unofficial",
        diff: { url: "CVE-2024-1234_cve-2024-99999.patch" },
        resolves: [
          { type: "security", id: "CVE-2024-1234" },
          { type: "security", id: "CVE-2024-99999" },
        ],
      },
      { type: "unofficial", diff: { url: "https://example.org/fix%20build.patch" } },
      {
        type: "unofficial",
        diff: { url: "CVE-2024-1234-tests.diff" },
        resolves: [{ type: "security", id: "CVE-2024-1234" }],
      },
    ],
  });
  expect(components[1]).toMatchObject({
    externalReferences: [
      { type: "website", url: "https://example.org/" },
      { type: "source-distribution", url: "mirror://example/app%202.tar.gz" },
    ],
  });
  expect(components[0]).not.toHaveProperty("licenses");
  expect(metadata.component.purl).toContain("pkg:oci/app@sha256%3A");
});

test("CycloneDX: a single expression is written as an expression", async () => {
  const all = await materials(await image());
  const [lib, app] = all.packages as [Materials["packages"][number], Materials["packages"][number]];
  const only = { ...app, licenses: [{ name: "Apache-2.0 WITH LLVM-exception" }] };
  const { components } = parsed(cyclonedx({ ...all, packages: [lib, only] })) as { components: object[] };
  expect(components[1]).toMatchObject({ licenses: [{ expression: "Apache-2.0 WITH LLVM-exception" }] });
});

test("SPDX: ids are unique, relationships lead to elements, and every element is in the bill", async () => {
  interface Element {
    type: string;
    spdxId?: string;
    from?: string;
    to?: string[];
    relationshipType?: string;
    element?: string[];
  }
  const graph = parsed(spdx(await materials(await image())))["@graph"] as Element[];
  const ids = graph.flatMap(({ spdxId }) => spdxId ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  const relationships = graph.filter(({ type }) => type === "Relationship");
  for (const { from = "", to = [] } of relationships)
    expect([from, ...to].filter((id) => !ids.includes(id))).toEqual([]);
  const bill = graph.find(({ type }) => type === "software_Sbom");
  const listed = graph.slice(4).flatMap(({ spdxId }) => spdxId ?? []);
  expect(bill?.element).toEqual(listed);
  const kinds = relationships.map(({ relationshipType }) => relationshipType);
  expect(new Set(kinds)).toEqual(new Set(["contains", "dependsOn", "hasDeclaredLicense", "patchedBy"]));
});

test("OpenVEX: a statement for each CVE that the name of a patch has; no document without one", async () => {
  const all = await materials(await image());
  const { statements, ...document } = parsed(openvex(all) ?? {}) as { statements: { vulnerability: object }[] };
  const purl = "pkg:nix/app@2?output=out";
  expect(document).toEqual({
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": `urn:imgc:${all.digest}:vex`,
    author: "imgc",
    timestamp: all.created,
    version: 1,
  });
  expect(statements.map(({ vulnerability }) => vulnerability)).toEqual([
    { name: "CVE-2024-1234" },
    { name: "CVE-2024-99999" },
  ]);
  expect(statements[0]).toMatchObject({
    products: [{ subcomponents: [{ "@id": purl, identifiers: { purl } }] }],
    status: "fixed",
    status_notes: "The derivation applies CVE-2024-1234_cve-2024-99999.patch, CVE-2024-1234-tests.diff.",
  });
  expect(openvex({ ...all, packages: all.packages.map((of) => ({ ...of, patches: [] })) })).toBeUndefined();
});

test("OpenVEX is valid against the official schema, and the schema would find a mistake", async () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, "official/openvex-0.2.0.schema.json"), "utf8"),
  ) as object;
  // The schema uses keywords without the type that strict mode wants.
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addFormat("iri", (text) => URL.canParse(text));
  const isValid = ajv.compile(schema);
  const document = parsed(openvex(await materials(await image())) ?? {});
  expect(isValid(document), JSON.stringify(isValid.errors?.[0])).toBe(true);
  const [first] = document["statements"] as object[];
  for (const wrong of [
    { ...document, statements: [] },
    { ...document, "@id": "no IRI" },
    { ...document, statements: [{ ...first, status: "not_affected" }] },
    { ...document, statements: [{ ...first, products: [{ "@id": "pkg:a", purl: "pkg:a" }] }] },
  ])
    expect(isValid(wrong)).toBe(false);
});

test("possible CPE names are evidence; scanners get the most likely one", async () => {
  const all = await materials(await image());
  const possibleCpes = ["cpe:2.3:a:example:app:2.1:*:*:*:*:*:*:*", "cpe:2.3:a:example:app:2:1:*:*:*:*:*:*"];
  const [lib, { cpe: _, ...app }] = all.packages as [Materials["packages"][number], Materials["packages"][number]];
  const uncertain = { ...all, packages: [lib, { ...app, possibleCpes }] };
  const { components } = parsed(cyclonedx(uncertain)) as { components: object[] };
  expect(components[1]).toMatchObject({
    cpe: possibleCpes[0],
    evidence: { identity: possibleCpes.map((concludedValue) => ({ field: "cpe", concludedValue })) },
  });
  const graph = parsed(spdx(uncertain))["@graph"] as { name?: string; externalIdentifier?: object[] }[];
  expect(graph.find(({ name }) => name === "app")?.externalIdentifier).toHaveLength(3);
  expect(coverageOf(uncertain)).toEqual({ paths: 2, version: 2, license: 1, source: 1, cpe: 1 });
});
