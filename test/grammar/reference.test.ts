import { expect, test } from "vitest";
import { examples } from "../../scripts/grammar/reference.ts";
import { check } from "../../src/language/index.ts";

test.each(examples().map(({ path, text }) => [path.join(" › "), text] as const))(
  "the example of %s checks",
  (path, text) => {
    const world = { read: (name: string) => (name.endsWith("/common.imgspec") ? "" : undefined), exists: () => true };
    const { diagnostics } = check({ path: "/a.imgspec", text }, world);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(text).toContain(path.split(" › ").at(-1));
  },
);
