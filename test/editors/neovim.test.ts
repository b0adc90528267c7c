import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { files, folder, tool } from "../e2e/tools.ts";
import { GRAMMAR, SAMPLE, setUp } from "./documented.ts";

test("Neovim, set up as documented, colours, folds, indents, comments, and talks to the language server", async () => {
  const env = await setUp("Neovim", "lua", ".config/nvim/init.lua");
  const parser = join(GRAMMAR, "tree-sitter/src/parser.c");
  const site = join(env["HOME"] ?? "", ".local/share/nvim/site/parser");
  const compile = `mkdir -p $0 && cc -shared -fPIC -Dtree_sitter_imgspec=tree_sitter_nix -o $0/nix.so -I $1 $2`;
  await tool("bash", ["-c", compile, site, dirname(parser), parser]);
  const spec = files({ "shop.imgspec": SAMPLE, a: "" });
  const out = join(folder(), "seen.json");
  const script = join(import.meta.dirname, "neovim.lua");
  await tool("nvim", ["--headless", "-n", spec, "-c", `luafile ${script}`], { ...env, IMGC_TEST: out });
  expect(JSON.parse(readFileSync(out, "utf8"))).toEqual({
    filetype: "imgspec",
    commentstring: "# %s",
    captures: {
      "A comment": ["comment", "spell"],
      let: ["keyword"],
      runtime: ["variable"],
      openssl: ["type"],
      packages: ["property"],
      "nix ''": ["keyword"],
      copy: ["constant.builtin"],
      "./a": ["string.special.path"],
      "0644": ["number"],
      PATH: ["tag"],
    },
    nix: ["hello.overrideAttrs (old: { })"],
    folds: [1, 2],
    diagnostics: ["unknown-setting"],
    typed: ['image "a" {', "  packages [", "    hello", "  ]", "}"],
    commented: "  # packages [",
  });
});
