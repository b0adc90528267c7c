/** Nix parses what the examples of the documentation compile to. */
import { expect, test } from "vitest";
import { blocks, compiled, pages } from "../docs/pages.ts";
import { files, folder, tool } from "../e2e/tools.ts";

test("the compiled examples are Nix", async () => {
  const texts = pages.flatMap((page) => blocks(page, "imgspec"));
  expect(texts.length).toBeGreaterThan(100);
  const at = folder();
  const paths = texts.map((text, i) => files({ [`${i}.nix`]: compiled(text).nix }, at));
  await tool("nix-instantiate", ["--parse", ...paths]);
});
