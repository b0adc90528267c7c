import { expect, test } from "vitest";
import {
  canChoose,
  expressionOf,
  isLicense,
  isListed,
  isSimple,
  partsOf,
  replacementsOf,
} from "../../src/license/license.ts";

test("a licence unknown to SPDX gets a LicenseRef", () => {
  expect(expressionOf({ id: "MIT" })).toBe("MIT");
  expect(expressionOf({ name: "GPL-2.0-only OR MIT" })).toBe("GPL-2.0-only OR MIT");
  expect(expressionOf({ name: "My own, 2 clauses" })).toBe("LicenseRef-My-own-2-clauses");
});

test("simple expressions have neither AND nor OR", () => {
  const simple = ["MIT", "GPL-2.0+", "Apache-2.0 WITH LLVM-exception", "LicenseRef-x", "BSD-2-Clause-FreeBSD"];
  for (const text of simple) expect([text, isSimple(text)]).toEqual([text, true]);
  for (const text of ["MIT OR Zlib", "(MIT AND Zlib)", "Apache 2.0", "mit", ""])
    expect([text, isSimple(text)]).toEqual([text, false]);
});

test("deprecated identifiers of GNU have replacements", () => {
  expect(replacementsOf("GPL-3.0")).toEqual(["GPL-3.0-only", "GPL-3.0-or-later"]);
  expect(replacementsOf("LGPL-2.1+")).toEqual(["LGPL-2.1-or-later"]);
  for (const id of ["GPL-3.0-only", "Apache-1.1+", "+"]) expect(replacementsOf(id)).toEqual([]);
  expect(replacementsOf("MIT")).toEqual([]);
  expect(isListed("GPL-3.0")).toBe(true);
});

test("expressions are split, compared and chosen from", () => {
  expect(partsOf("MIT AND (Zlib OR Apache-2.0 WITH LLVM-exception)")).toEqual([
    "MIT",
    "Zlib",
    "Apache-2.0 WITH LLVM-exception",
  ]);
  expect(isLicense("Apache-2.0 WITH LLVM-exception", "Apache-2.0")).toBe(true);
  expect(isLicense("Apache-2.0", "Apache-2.0 WITH LLVM-exception")).toBe(false);
  expect(isLicense("MIT OR Zlib", "MIT")).toBe(false);
  expect(canChoose("MIT AND (Zlib OR curl)", (simple) => simple !== "curl")).toBe(true);
  expect(canChoose("MIT AND (Zlib OR curl)", (simple) => simple !== "MIT")).toBe(false);
});
