import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { IMGC, files, folder, tool } from "../e2e/tools.ts";

const SHOP = `import ./common.imgspec

image "shop" {
  pakages   [ $runtime ]
  author "😀"
}
`;

test("Neovim shows diagnostics, fixes, completes, renames, jumps and formats", async () => {
  const cwd = folder();
  files({ "shop.imgspec": SHOP, "common.imgspec": "let runtime = [ glibc ]\n" }, cwd);
  const out = join(folder(), "seen.json");
  await tool(
    "nvim",
    ["--headless", "--clean", "-n", "--cmd", `cd ${cwd}`, "-S", join(import.meta.dirname, "neovim.lua")],
    {
      IMGC_TEST: JSON.stringify([process.execPath, IMGC, out]),
      XDG_STATE_HOME: folder(),
    },
  );
  expect(JSON.parse(readFileSync(out, "utf8"))).toEqual({
    diagnostic: [3, 2, "unknown-setting", "`pakages` is not a setting of `image`; did you mean `packages`?"],
    fixed: "  packages   [ $runtime ]",
    completed: expect.arrayContaining(["manifest"]) as string[],
    line: '  author "😀" manifest docker',
    renamed: "  packages   [ $libs ]",
    jumped: ["common.imgspec", [1, 4], "let libs = [ glibc ]"],
    formatted: [
      "import ./common.imgspec",
      "",
      'image "shop" {',
      "  packages [ $libs ]",
      '  author "😀"',
      "  manifest docker",
      "}",
    ],
    hover: expect.stringContaining("**packages**: a list of packages") as string,
  });
});
