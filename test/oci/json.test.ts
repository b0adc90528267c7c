import { expect, test } from "vitest";
import { Index } from "../../src/oci/documents.ts";
import { parseJson } from "../../src/oci/json.ts";

const entry = (size: string, digest = `"sha256:${"0".repeat(64)}"`) =>
  `{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":${digest},"size":${size}}]}`;

test.each([
  [entry("-1"), "manifests.0.size: expected at least 0, not -1"],
  [entry('"7"'), 'manifests.0.size: expected number, not "7"'],
  [entry("7", "null"), "manifests.0.digest: expected string, not null"],
  ["[]", "the document: expected object"],
  ["7", "the document: expected object, not 7"],
])("%s is described", (text, message) => {
  expect(() => parseJson(Index, Buffer.from(text), "index.json")).toThrow(`index.json: ${message}`);
});
