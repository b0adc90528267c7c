import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, folder, tool } from "../e2e/tools.ts";
import { SAMPLE, setUp } from "./documented.ts";

test("Emacs, set up as documented, colours, indents, comments, and talks to the language server", async () => {
  const env = await setUp("Emacs", "elisp", ".emacs.d/init.el");
  const spec = files({ "shop.imgspec": SAMPLE, a: "" });
  const out = join(folder(), "seen.json");
  const script = join(import.meta.dirname, "emacs.el");
  await tool("emacs", ["--batch", "--load", script], { ...env, IMGC_TEST: out, IMGC_TEST_SPEC: spec });
  expect(JSON.parse(readFileSync(out, "utf8"))).toEqual({
    mode: "imgspec-mode",
    faces: {
      "A comment": "font-lock-comment-face",
      let: "font-lock-keyword-face",
      runtime: "font-lock-variable-name-face",
      packages: "font-lock-property-name-face",
      $runtime: "font-lock-variable-use-face",
      "nix ''": "font-lock-keyword-face",
      "hello.over": "font-lock-string-face",
      copy: "font-lock-constant-face",
      "0644": "font-lock-number-face",
      env: "font-lock-property-name-face",
      user: "font-lock-property-name-face",
      "${hello}": "font-lock-variable-use-face",
    },
    diagnostics: [expect.stringContaining("`pakages` is not a setting of `image`") as string],
    indented: [
      'image "a" {',
      "  packages [",
      "    hello",
      "  ]",
      "  config { env {",
      "      A ''",
      "   x { [",
      "''",
      "    } }",
      "  # {",
      "}",
    ],
    commented: "# let a = b",
  });
});
