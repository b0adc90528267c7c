import fc from "fast-check";
import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { fromFragment, toFragment } from "../../src/playground/sheet.ts";

test("a link holds the text of a description and the names of its files", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(text, { maxLength: 5 }), async (some, files) => {
      const sheet = { name: "shop.imgspec", text: some, files };
      const fragment = await toFragment(sheet);
      expect(fragment).toMatch(/^#sheet=[\w-]+$/);
      expect(await fromFragment(fragment)).toEqual(sheet);
    }),
    { numRuns: 30 },
  );
});

test("other fragments have no content, and damaged or huge content is an error", async () => {
  expect(await fromFragment("")).toBeUndefined();
  expect(await fromFragment("#main")).toBeUndefined();
  const packed = (text: string) => `#sheet=${deflateRawSync(text).toString("base64url")}`;
  const whole = { name: "a.imgspec", text: "", files: [] };
  expect(await fromFragment(packed(JSON.stringify(whole)))).toEqual(whole);
  for (const fragment of [
    "#sheet=",
    "#sheet=!",
    "#sheet=AAAA",
    packed("{"),
    packed(JSON.stringify({ ...whole, name: "../a" })),
    packed(JSON.stringify({ ...whole, text: "x".repeat(2_000_000) })),
  ])
    await expect(fromFragment(fragment), fragment.slice(0, 50)).rejects.toThrow();
});
