import { expect, test } from "vitest";
import { cyclonedx } from "../../src/sbom/cyclonedx.ts";
import { jsonPieces } from "../../src/sbom/json.ts";
import { materials } from "../../src/sbom/materials.ts";
import { pathsInBill } from "../../src/sbom/read-paths.ts";
import { spdx } from "../../src/sbom/spdx.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";

test("store paths and their layers are read back from bills in both formats", async () => {
  const image = readImageDirectory(await makeImage(folder(), "read", { layers: { "lib-1.2": "a", "app+x-2": "b" } }));
  const all = await materials(image);
  const bytes = (document: object) => Buffer.from([...jsonPieces(document)].join(""));
  const expected = new Map(all.packages.map(({ path, layer }) => [path, layer]));
  expect(expected.size).toBe(2);
  expect(pathsInBill(bytes(spdx(all)), "application/spdx+json", "a")).toEqual(expected);
  expect(pathsInBill(bytes(cyclonedx(all)), "application/vnd.cyclonedx+json", "a")).toEqual(expected);
});

test("other documents have no paths, or are findings", () => {
  const graph = [{ relationshipType: "contains", from: "urn:a:layer:%", to: ["urn:a:package:%"] }];
  expect(pathsInBill(Buffer.from(JSON.stringify({ "@graph": graph })), "application/spdx+json", "a").size).toBe(0);
  expect(() => pathsInBill(Buffer.from("{}"), "application/vnd.cyclonedx+json", "the bill")).toThrow(/the bill/);
});
