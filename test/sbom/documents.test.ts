import { expect, test } from "vitest";
import { jsonPieces } from "../../src/sbom/json.ts";
import { cyclonedx } from "../../src/sbom/cyclonedx.ts";
import { expressionOf } from "../../src/sbom/license.ts";
import { materials, type Materials } from "../../src/sbom/materials.ts";
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
  };
  return { ...read, file: { ...read.file, closure, metadata: [metadata] } };
}

function parsed(document: object): Record<string, unknown> {
  return JSON.parse([...jsonPieces(document)].join("")) as Record<string, unknown>;
}

test("materials list packages with their layers, and packages without referrers as roots", async () => {
  const read = await image();
  const { packages, roots, layers } = materials(read);
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

test("CycloneDX: every dependency is a component, licences that SPDX does not list are names", async () => {
  const all = materials(await image());
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
  });
  expect(components[0]).not.toHaveProperty("licenses");
  expect(metadata.component.purl).toContain("pkg:oci/app@sha256%3A");
});

test("CycloneDX: a single expression is written as an expression", async () => {
  const all = materials(await image());
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
  const graph = parsed(spdx(materials(await image())))["@graph"] as Element[];
  const ids = graph.flatMap(({ spdxId }) => spdxId ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  const relationships = graph.filter(({ type }) => type === "Relationship");
  for (const { from = "", to = [] } of relationships)
    expect([from, ...to].filter((id) => !ids.includes(id))).toEqual([]);
  const bill = graph.find(({ type }) => type === "software_Sbom");
  const listed = graph.slice(4).flatMap(({ spdxId }) => spdxId ?? []);
  expect(bill?.element).toEqual(listed);
  const kinds = relationships.map(({ relationshipType }) => relationshipType);
  expect(new Set(kinds)).toEqual(new Set(["contains", "dependsOn", "hasDeclaredLicense"]));
});

test("a licence unknown to SPDX gets a LicenseRef", () => {
  expect(expressionOf({ id: "MIT" })).toBe("MIT");
  expect(expressionOf({ name: "GPL-2.0-only OR MIT" })).toBe("GPL-2.0-only OR MIT");
  expect(expressionOf({ name: "My own, 2 clauses" })).toBe("LicenseRef-My-own-2-clauses");
});
