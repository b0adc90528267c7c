import { expect, test } from "vitest";
import { platformOf, platformText } from "../../src/oci/platform.ts";

test("an empty variant counts as none", () => {
  const config = { os: "linux", architecture: "amd64", variant: "", rootfs: { type: "layers" as const, diff_ids: [] } };
  expect(platformText(config)).toBe("linux/amd64");
  expect(platformOf(config)).toEqual({ os: "linux", architecture: "amd64" });
  expect(platformText({ os: "linux", architecture: "arm", variant: "v7" })).toBe("linux/arm/v7");
});
