import { expect, test } from "vitest";
import { byteString, matches, parseIgnoreFile } from "../../src/ignore/pattern.ts";
import { differences, HOSTILE, sampleCases, steps, type Case } from "./patterns.ts";

function verdicts({ content, paths }: Case): boolean[] {
  const patterns = parseIgnoreFile(byteString(content));
  return paths.map((path) =>
    steps(path).some((step) => {
      const last = patterns.findLast((each) => matches(each, byteString(step.path), step.isDirectory));
      return last !== undefined && !last.isNegated;
    }),
  );
}

test("patterns match the same paths as in git", () => {
  const sample = sampleCases(150);
  expect(differences(sample, sample.map(verdicts))).toEqual([]);
  expect(HOSTILE.map(verdicts)).toEqual(HOSTILE.map(({ ignored }) => ignored));
});
