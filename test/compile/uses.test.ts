import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { usesOf } from "../../src/compile/index.ts";
import type { Spec } from "../../src/language/index.ts";

const CASES = new URL("cases/", import.meta.url);

/** Every package and expression in a part of a spec, at any depth. */
function packagesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (["attribute", "nix,directory"].includes(Object.keys(value).join())) return [JSON.stringify(value)];
  return Object.values(value).flatMap(packagesIn);
}

const SPECS = readdirSync(CASES).filter((name) => existsSync(new URL(`${name}/spec.json`, CASES)));

test.each(SPECS)("usesOf lists every package and expression of the case %s", (name) => {
  const text = readFileSync(new URL(`${name}/spec.json`, CASES), "utf8");
  for (const image of (JSON.parse(text) as Spec).images) {
    const uses = usesOf(image).map((use) => JSON.stringify(use.value));
    expect(uses.toSorted()).toEqual(packagesIn(image).toSorted());
  }
});
