/**
 * Breaks valid descriptions by a habit from another language: the first diagnostic must name the mistake at its place, and
 * `--fix` must restore the description or change nothing. `npm run fuzz habits` tries more.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { breaksOf, problemOf, validTexts } from "./breaks.ts";
import { HABITS } from "./habits.ts";

const texts = await validTexts();

test.each(Object.keys(HABITS))("%s", async (habit) => {
  const broken = texts.flatMap((text) => breaksOf(text, habit));
  expect(broken.length).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...broken), async (each) => {
      expect(await problemOf(each), each.text).toBeUndefined();
    }),
    { numRuns: 8 },
  );
});
