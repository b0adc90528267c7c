import { expect, test } from "vitest";
import { coverageText } from "../../../src/cli/commands/sbom.ts";

test("the shares are those of the store paths; an image may have none", () => {
  expect(coverageText({ paths: 0, version: 0, license: 0, source: 0, cpe: 0 })).toBe("no store paths");
  expect(coverageText({ paths: 3, version: 3, license: 2, source: 1, cpe: 0 })).toBe(
    "3 store paths: 3 (100 %) with a version, 2 (66 %) with a licence,\n      1 (33 %) with a source URL, 0 (0 %) with a CPE",
  );
});
