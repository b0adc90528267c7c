import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMasked, encodePlain, encodeMasked } from "../../src/store/masked-json.ts";

const HASH = fc.string({
  unit: fc.constantFrom(...Array.from("0123456789abcdfghijklmnpqrsvwxyz~eotu")),
  minLength: 30,
  maxLength: 70,
});
const text = fc.array(fc.oneof(HASH, fc.string())).map((parts) => parts.join("-"));

test("both forms decode to the value, and the masked form contains no hash", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ path: text, more: fc.jsonValue() })), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(decodeMasked(encodePlain(value))).toEqual(plain);
      expect(JSON.parse(encodePlain(value))).toEqual(plain);
      expect(decodeMasked(encodeMasked(value))).toEqual(plain);
      expect(encodeMasked(value)).not.toMatch(/[0-9a-df-np-sv-z]{32}/);
    }),
  );
});
