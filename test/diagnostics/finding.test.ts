import fc from "fast-check";
import { expect, test } from "vitest";
import { isFinding, parseFindings, printFinding, type Finding } from "../../src/diagnostics/finding.ts";

test("a finding is printed as a line with its place in the spec", () => {
  const finding: Finding = { image: "shop/api", at: ["permissions", "/etc/*"], message: "the rule fits nothing" };
  const line = 'imgc[shop/api permissions "/etc/*"]: the rule fits nothing';
  expect(printFinding(finding)).toBe(line);
  expect(parseFindings(line)).toEqual([finding]);
  expect(printFinding({ image: "a", at: ["packages", 2], message: "no" })).toBe("imgc[a packages 2]: no");
  expect(printFinding({ image: null, at: ["base", "host/x:1"], message: "no" })).toBe('imgc[* base "host/x:1"]: no');
  expect(printFinding({ image: null, at: [], message: "no" })).toBe("imgc: no");
});

test("printed findings are parsed back, also several findings of several lines", () => {
  const name = fc.oneof(fc.constant(null), fc.stringMatching(/^[a-z0-9][a-z0-9/.:-]{0,20}$/), fc.constant("A b"));
  const at = fc.array(fc.oneof(fc.nat(), fc.string(), fc.constantFrom("packages", "stop-signal")), { maxLength: 4 });
  const message = fc.constantFrom("one", "one\n  two", "it says: imgc[x]: y", "a ]: b");
  const finding = fc.record({ image: name, at, message });
  fc.assert(
    fc.property(fc.array(finding, { minLength: 1, maxLength: 4 }), (all) => {
      // A finding without a place has no image.
      const findings = all.map((each) => (each.at.length === 0 ? { ...each, image: null } : each));
      expect(parseFindings(`before\n${findings.map(printFinding).join("\n")}\n`)).toEqual(findings);
    }),
  );
});

test("other lines are not findings", () => {
  for (const line of ["imgc failed", "imgc[", "imgc[]: x", "imgc[a b", 'imgc[a "b]: x', " imgc: x", "imgc[a]x: y", ""])
    expect(isFinding(line)).toBe(false);
  expect(parseFindings("a\nb")).toEqual([]);
});
