import fc from "fast-check";
import { expect, test } from "vitest";
import { splitPaths, userCode } from "../../src/compile/nix-paths.ts";
import { printNix } from "../../src/compile/print.ts";
import { plain } from "./nix-code.ts";

test("the joined pieces of split code are the code", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(plain).map((all) => all.join("")),
      ),
      (text) => {
        expect(
          splitPaths(text)
            .map((piece) => (typeof piece === "string" ? piece : piece.path))
            .join(""),
        ).toBe(text);
      },
    ),
  );
});

test("a path that needs quotes becomes an expression", () => {
  expect(printNix(userCode({ nix: "f ./x ./y/${z}", directory: "/a b" }))).toContain('f (/. + "/a b/x") ./y/${z}');
  expect(printNix(userCode({ nix: "f ./x ./y/${z}", directory: "/a" }))).toContain("f /a/x /a/y/${z}");
});

test("splitting takes time linear in the length of the code", () => {
  for (const piece of ["/*", "1", ".", "a", "a/", "$", "'", "''", '"', "${", "./a${", "-1."]) {
    const text = piece.repeat(100_000);
    expect(
      splitPaths(text)
        .map((each) => (typeof each === "string" ? each : each.path))
        .join(""),
    ).toBe(text);
  }
});
