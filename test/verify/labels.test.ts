import { expect, test } from "vitest";
import { labelsOf, type Labelled } from "../../src/verify/labels.ts";

const image = (name: string, more: Partial<Labelled> = {}): Labelled => ({
  name,
  platform: "linux/amd64",
  form: "gzip",
  ...more,
});

test.each([
  [[image("a:1")], ["a:1"]],
  [
    [image("a:1"), image("b:1", { form: "zstd", platform: "linux/arm64" })],
    ["a:1", "b:1"],
  ],
  [
    [image("a:1"), image("a:1", { platform: "linux/arm64" })],
    ["a:1, linux/amd64", "a:1, linux/arm64"],
  ],
  [
    [image("a:1"), image("a:1", { form: "zstd" }), image("b:1")],
    ["a:1, gzip form", "a:1, zstd form", "b:1"],
  ],
  [
    [image("a:1"), image("a:1", { form: "zstd" }), image("a:1", { platform: "linux/arm64" })],
    ["a:1, linux/amd64, gzip form", "a:1, linux/amd64, zstd form", "a:1, linux/arm64"],
  ],
  [
    [image(""), image("", { form: "zstd" })],
    ["gzip form", "zstd form"],
  ],
  [
    [image("", { platform: "" }), image("b:1")],
    ["", "b:1"],
  ],
])("labels name the image, and the platform and form that tell it apart", (images, expected) => {
  expect(labelsOf(images)).toEqual(expected);
});
