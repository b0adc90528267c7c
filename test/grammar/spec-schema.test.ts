import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonSchema } from "../../src/language/schema/json-schema.ts";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { check, type Spec } from "../../src/language/index.ts";
import { exampleTexts } from "../format/texts.ts";
import { hostOf } from "../language/host.ts";
import { fileTexts } from "../language/sentences.ts";

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(jsonSchema()) as object);
const problems = (spec: unknown) => (validate(spec) ? [] : validate.errors);
const host = { ...hostOf(), exists: () => true };
const specOf = (text: string): Spec | undefined => check({ path: "/a.imgspec", text }, host).spec;

test("the spec of every checked file matches the JSON schema", () => {
  const texts = [...exampleTexts, ...Object.values(catalogue).map((entry) => entry.good)];
  const specs = texts.map(specOf);
  expect(specs.filter((spec) => spec === undefined)).toEqual([]);
  for (const spec of specs) expect(problems(spec)).toEqual([]);

  let checked = 0;
  fc.assert(
    fc.property(fileTexts, (text) => {
      const spec = specOf(text.replaceAll(/\$[A-Za-z_][\w-]*/g, '"a"'));
      if (spec === undefined) return;
      checked += 1;
      expect(problems(spec)).toEqual([]);
    }),
    { numRuns: 120 },
  );
  expect(checked).toBeGreaterThan(20);
});

test("the JSON schema rejects invalid specs", () => {
  const spec = specOf('image "a" { layers { max 3 } }') as unknown as { images: Record<string, unknown>[] };
  expect(problems({ ...spec, edition: 2 })).toHaveLength(1);
  expect(problems({ ...spec, images: [{ ...spec.images[0], more: 1 }] })).toHaveLength(1);
  expect(problems({ ...spec, images: [{ ...spec.images[0], output: "tar" }] })).toHaveLength(1);
});
