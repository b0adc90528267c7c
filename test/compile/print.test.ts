import { expect, test } from "vitest";
import { printNix } from "../../src/compile/print.ts";
import { call, integer, list, name, select, set, string, type Nix } from "../../src/compile/nix-syntax.ts";

test("Nix code is laid out as nixfmt does", () => {
  const tree: Nix = {
    kind: "function",
    parameters: [{ name: "pkgs", default: call(call(name("import"), { kind: "lookup", name: "nixpkgs" }), set({})) }],
    body: call(
      select(name("imgc"), "image"),
      set({
        name: string("shop/api"),
        packages: list([select(name("pkgs"), "python3Packages", "flask"), select(name("pkgs"), "xorg", "libX11", "1")]),
        store: list([{ kind: "code", pieces: ["hello # the program"], scope: "pkgs" }]),
        config: set({ env: set({ A: string("${") }), cmd: list([]), user: undefined }),
        "with space": integer(-3),
      }),
    ),
  };
  expect(printNix(tree)).toMatchInlineSnapshot(`
    "{
      pkgs ? import <nixpkgs> { },
    }:
    imgc.image {
      name = "shop/api";
      packages = [
        pkgs.python3Packages.flask
        pkgs.xorg.libX11."1"
      ];
      store = [
        (with pkgs;
          hello # the program
        )
      ];
      config = {
        env = { A = "\\\${"; };
        cmd = [ ];
      };
      "with space" = -3;
    }
    "
  `);
});
