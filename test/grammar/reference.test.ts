import { expect, test } from "vitest";
import { examples } from "../../scripts/grammar/reference.ts";
import { check } from "../../src/language/index.ts";

const world = { read: (name: string) => (name.endsWith("/common.imgspec") ? "" : undefined), exists: () => true };
const errorsOf = (text: string): string[] =>
  check({ path: "/a.imgspec", text }, world).diagnostics.flatMap(({ severity, code }) =>
    severity === "error" ? [code] : [],
  );

test.each(examples().map(({ path, text }) => [path.join(" › "), text] as const))(
  "the example of %s checks",
  (path, text) => {
    expect(errorsOf(text)).toEqual([]);
    expect(text).toContain(path.split(" › ").at(-1));
  },
);

const ranges = examples().flatMap(({ path, setting, text }) => {
  const [, min, max] = setting.type.rules?.flatMap((rule) => /^from (-?\d+) to (\d+)$/.exec(rule) ?? []) ?? [];
  const withNumber = (number: number) => text.replace(setting.example, setting.example.replace(/\d+/, String(number)));
  return min === undefined ? [] : [{ name: path.join(" › "), min: Number(min), max: Number(max), withNumber }];
});

test("the ranges in the reference are those that the checker applies", () => {
  expect(ranges.map(({ name }) => name)).toContain("image › layers › max");
  for (const { name, min, max, withNumber } of ranges) {
    for (const fine of [min, max]) expect(errorsOf(withNumber(fine)), name).toEqual([]);
    for (const wrong of [min - 1, max + 1]) expect(errorsOf(withNumber(wrong)), name).toEqual(["out-of-range"]);
  }
});
