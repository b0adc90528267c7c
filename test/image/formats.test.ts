import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { ContentFile } from "../../src/image/content-file.ts";
import { DigestsFile } from "../../src/image/digests-file.ts";
import { ImageFile } from "../../src/image/image-file.ts";
import { PlanText } from "../../src/image/plan-file.ts";
import { jsonSchema } from "../../src/language/schema/json-schema.ts";
import { LAYER_VERSION } from "../../src/layer/layer-version.ts";
import { Layer } from "../../src/layer/recipe.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";

const NO_DIAGNOSTICS = {
  diagnostics: [],
  sources: new Map(),
  files: [],
  colours: false,
  width: Infinity,
  name: (path: string) => path,
};

test("docs/formats.md names the versions of the code", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/formats.md"), "utf8");
  const rows = [...page.matchAll(/^\| ([a-z ]+?) +\| (\d+) +\|/gm)].map(([, name, version]) => [name, Number(version)]);
  const schema = z.object({ properties: z.object({ edition: z.object({ const: z.number() }) }) });
  expect(Object.fromEntries(rows)).toEqual({
    language: schema.parse(JSON.parse(jsonSchema())).properties.edition.const,
    "lock file": EMPTY_LOCK.version,
    "image directory": ImageFile.shape.imgc.def.values[0],
    digests: DigestsFile.shape.imgcDigests.def.values[0],
    layer: LAYER_VERSION,
    content: ContentFile.shape.version.def.values[0],
    plan: PlanText.shape.version.def.values[0],
    "check report": z.object({ version: z.number() }).parse(JSON.parse(formats.json(NO_DIAGNOSTICS))).version,
  });
});

test.each([
  ["image directory", ImageFile, { imgc: 1 }, "this imgc reads format version 4, not 1; build the image again"],
  ["digests", DigestsFile, { imgcDigests: 2 }, "this imgc reads format version 3, not 2; build the image again"],
  ["layer", Layer, { version: 2 }, "this imgc reads format version 1, not 2; build the image again"],
])("another version of %s is refused with both versions", (_name, schema, value, message) => {
  const { error } = schema.safeParse(value);
  expect(error?.issues[0]?.message).toBe(message);
});
