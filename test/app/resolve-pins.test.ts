import { expect, test } from "vitest";
import { resolvePins } from "../../src/app/resolve-pins.ts";
import { check } from "../../src/language/index.ts";
import { descriptor, encode } from "../../src/oci/documents.ts";
import { MEDIA_TYPES } from "../../src/oci/media-types.ts";
import { fakeSkopeo } from "../fake-skopeo.ts";

test("a reference that cannot be resolved does not stop the others", async () => {
  const skopeo = fakeSkopeo();
  const [missing, found] = ["registry.example.org/missing:1", "registry.example.org/found:1"] as const;
  const { config, manifest } = MEDIA_TYPES.oci;
  const document = encode({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } });
  skopeo.add(document);
  const digest = skopeo.tag(
    found,
    encode({ schemaVersion: 2, mediaType: manifest, config: descriptor(config, document), layers: [] }),
  );
  const text = [missing, found].map((each, i) => `image "${i}" { base registry "${each}" }\n`).join("");
  const { spec } = check({ path: "/w/a.imgspec", text }, { read: () => undefined, exists: () => false });
  if (spec === undefined) throw new Error("the spec has errors");
  const lines: string[] = [];
  const { pins, failures } = await resolvePins("/w/a.imgspec", spec, {
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
  });
  expect(pins).toMatchObject({ nixpkgs: {}, bases: { [found]: { digest } } });
  expect(Object.keys(pins.bases)).toEqual([found]);
  expect(failures).toEqual([expect.stringContaining(missing)]);
  expect(lines).toEqual([`${missing}: resolving`, `${found}: resolving`]);
});
