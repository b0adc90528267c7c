import { expect, test } from "vitest";
import { compilePortable } from "../../src/compile/index.ts";
import { check } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";

const TEXT = `nixpkgs path "../set" { overlays [ path "./over lay.nix" ] }
image "a" {
  platforms [ linux/amd64 linux/arm64 ]
  base archive ../bases/base.tar
  packages [ nix ''import ./''\${"tools"}.nix'' nix ''import ../tool.nix'' ]
  files { "/a" copy ./. "/b" copy .. "/c" copy path "./my src" "/d" copy /etc/hosts }
}`;

function kept(directory: string) {
  const host = { exists: () => true, read: () => undefined };
  const { spec } = check({ path: "/home/ann/shop/a.imgspec", text: TEXT }, host);
  if (spec === undefined) throw new Error("the description has mistakes");
  const options = { functions: "/opt/imgc/nix", lock: EMPTY_LOCK, directory: "/home/ann/shop" };
  return compilePortable(spec, options, { directory, name: "a.nix", spec: "a.imgspec", version: "1.2.3" });
}

test("a kept expression has relative paths where possible, also in functions and Nix code", () => {
  const { text, outside } = kept("/home/ann/shop");
  expect(outside).toEqual(["/etc/hosts"]);
  expect(text.match(/(?<![\w"])(?:\/|\.\.?\/)[\w./ +"]+/g)).toMatchInlineSnapshot(`
    [
      "./node_modules/imgc",
      "./a.nix ",
      "../set ",
      "./. + "/over lay.nix"",
      "../bases/base.tar",
      "././",
      "../tool.nix",
      "./.",
      "../.",
      "./. + "/my src"",
      "./.",
      "/etc/hosts",
    ]
  `);
  expect(text).not.toMatch(/ann|\/opt/);
  expect(text).toContain("imgc ? import <imgc/nix> { inherit pkgs; },");
});

test("an expression kept in another folder has paths relative to that folder", () => {
  expect(kept("/home/ann/shop/nix").text).toContain("import ../../set {");
  expect(kept("/home/ann").text).toContain('copy = (./. + "/shop/my src");');
});
