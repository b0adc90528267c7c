import fc from "fast-check";
import { expect, test } from "vitest";
import { splitPaths, written } from "../../src/compile/nix-paths.ts";
import { printNix } from "../../src/compile/print.ts";
import { plain } from "./nix-code.ts";

test("the pieces are the code", () => {
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

test("a folder that Nix cannot write as a path is an expression", () => {
  expect(printNix(written({ nix: "f ./x ./y/${z}", directory: "/a b" }))).toContain('f (/. + "/a b/x") ./y/${z}');
  expect(printNix(written({ nix: "f ./x ./y/${z}", directory: "/a" }))).toContain("f /a/x /a/y/${z}");
});

test("long code costs no more than its length", () => {
  for (const piece of ["/*", "1", ".", "a", "a/", "$", "'", "''", '"', "${", "./a${", "-1."]) {
    const text = piece.repeat(100_000);
    expect(
      splitPaths(text)
        .map((each) => (typeof each === "string" ? each : each.path))
        .join(""),
    ).toBe(text);
  }
});
