/** The compiler leaves out settings at their default, so the Nix function must have the same defaults. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LAYERS, layersDefault } from "../../src/language/schema/layers.ts";

const text = readFileSync(join(import.meta.dirname, "../../nix/layers.nix"), "utf8");
const defaultOf = (argument: string) => new RegExp(`^  ${argument} \\? (.+),$`, "m").exec(text)?.[1];

test("nix/layers.nix has the language's defaults", () => {
  expect(defaultOf("max")).toBe("(builtins.fromJSON (builtins.readFile ./layer-limits.json)).default");
  expect(layersDefault.max).toBe(LAYERS.default);
  expect(defaultOf("order")).toBe(JSON.stringify(layersDefault.order));
  expect(defaultOf("steps")).toBe("[ { auto = true; } ]");
  expect(layersDefault.steps).toEqual([{ kind: "auto" }]);
});
