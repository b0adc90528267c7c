import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { renderPretty } from "../../src/diagnostics/render.ts";
import { check } from "../../src/language/index.ts";
import { hostOf } from "./host.ts";

const fixtures = new URL("../errors/", import.meta.url);

describe.each(Object.entries(catalogue))("%s", (code, entry) => {
  test("its bad example has it and nothing else, its good one does not", () => {
    const codes = (text: string) =>
      check({ path: "/a.imgspec", text }, hostOf()).diagnostics.map((found) => found.code);
    expect(codes(entry.bad)).toEqual([code]);
    expect(codes(entry.good)).not.toContain(code);
  });

  test("its fixture is rendered with its place", async () => {
    const text = readFileSync(new URL(`${code}.imgspec`, fixtures), "utf8");
    const path = `/${code}.imgspec`;
    const { spec, diagnostics, sources } = check({ path, text }, hostOf());
    expect(diagnostics.map((found) => found.code)).toContain(code);
    expect(spec === undefined).toBe(diagnostics.some((found) => found.severity === "error"));
    const shown = diagnostics.map((found) => renderPretty(found, { sources, colours: false })).join("\n");
    await expect(shown).toMatchFileSnapshot(new URL(`${code}.txt`, fixtures).pathname);
  });
});

test("every fixture is named after a code", () => {
  const names = readdirSync(fixtures).filter((name) => name.endsWith(".imgspec"));
  expect(names.map((name) => name.replace(".imgspec", "")).toSorted()).toEqual(Object.keys(catalogue).toSorted());
});
