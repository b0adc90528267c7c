import { expect, test } from "vitest";
import { reportText } from "../../../src/cli/terminal/report-text.ts";
import { MARKED, PIPE, TERMINAL } from "./layouts.ts";

const digest = `sha256:${"0".repeat(64)}`;
const report = {
  form: "image directory for 2 platforms",
  layers: 44,
  paths: 53,
  unhashed: 2,
  size: 158_300_000,
  findings: [],
  digests: [digest, digest],
  names: ["shop/api:v1, linux/amd64", ""],
  images: 2,
  notes: [],
};

test("a report of an image fits into 80 columns", () => {
  expect(reportText("result", report, TERMINAL)).toBe(`result: OK: all digests match
image    image directory for 2 platforms, 44 layers, 53 store paths, 158.3 MB
name     shop/api:v1, linux/amd64
digest   ${digest}
digest   ${digest}
note     2 store paths without a NAR hash check: hard links, or an order that
         Nix does not use
`);
  expect(reportText("shop", { ...report, index: digest }, TERMINAL)).toContain(`MB\nindex    ${digest}\nname     `);
  const signature = { key: "cosign.pub", forms: ["bundle" as const, "tag" as const], log: "not checked" as const };
  expect(reportText("shop", { ...report, signature }, TERMINAL)).toContain(
    "\nsigned   by cosign.pub (bundle and tag); the transparency log is not checked\n",
  );
  const notes = ["the ONBUILD steps of the base a are ignored: RUN x"];
  expect(reportText("shop", { ...report, notes }, TERMINAL)).toContain(`\nnote     ${notes[0]}\n`);
  expect(reportText("result", { ...report, unhashed: 0 }, MARKED)).toMatch(/^result: <good>OK<\/>: [^]*\n$/);
});

test("findings are lines, which a terminal breaks between words", () => {
  const findings = [`config: ${"the entry point is missing ".repeat(5)}`, "bad \u001b name"];
  const marked = reportText("result", { ...report, findings }, MARKED).split("\n");
  expect(marked.slice(1)).toEqual([
    "  missing the entry point is missing the entry point is missing ",
    String.raw`bad \u001b name`,
    "<bad>result: 2 findings</>",
    "",
  ]);
  for (const line of marked) expect(line.length).toBeLessThanOrEqual(80);
  expect(reportText("result", { ...report, findings }, PIPE)).toContain(`${findings[0]}\n`);
});
