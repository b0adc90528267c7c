import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printNix } from "../../src/compile/print.ts";
import { call, integer, list, name, select, set, string, type Nix } from "../../src/compile/syntax.ts";

function evaluate(tree: Nix): unknown {
  const args = ["--eval", "--json", "--strict", "--option", "store", "dummy://", "-"];
  return JSON.parse(execFileSync("nix-instantiate", args, { input: printNix(tree), encoding: "utf8", stdio: "pipe" }));
}

/** Any text Nix can hold: all of Unicode but the null character, with what Nix finds special more often. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom("${", "$", "$$", '"', "\\", "''", "\n", "\r\n", "\t", "{", "}", "/*", "#", "${x}", "\\${"),
    ),
  )
  .map((parts) => parts.join("").replaceAll("\0", ""));

describe("every string reaches Nix as data", () => {
  test("as a value", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 100, maxLength: 200 }), (texts) => {
        expect(evaluate(list(texts.map((text) => string(text))))).toEqual(texts);
      }),
      { numRuns: 15 },
    );
  });

  test("in pieces, as interpolation leaves it", () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyText), { minLength: 50, maxLength: 100 }), (texts) => {
        const trees = texts.map((parts) => string(...parts.flatMap((part) => [part, string(part)])));
        expect(evaluate(list(trees))).toEqual(texts.map((parts) => parts.map((part) => part + part).join("")));
      }),
      { numRuns: 10 },
    );
  });

  test("as an attribute's name", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyText, { minLength: 50, maxLength: 100 }), (names) => {
        const bindings = names.map((key, i) => ({ path: [key], value: integer(i) }));
        const values = evaluate({ kind: "set", bindings }) as Record<string, number>;
        expect(new Map(Object.entries(values))).toEqual(new Map(names.map((key, i) => [key, i])));
      }),
      { numRuns: 10 },
    );
  });

  test("as a path", () => {
    const paths = ["/plain/path", "/with space", "/with${dollar}", '/quote"', "/trailing.", "/~", "/a+b", "/ä/ö"];
    expect(evaluate(list(paths.map((path) => call(name("toString"), { kind: "path", path }))))).toEqual(paths);
  });
});

test("the layout is a person's", () => {
  const tree: Nix = {
    kind: "function",
    parameters: [{ name: "pkgs", default: call(call(name("import"), { kind: "lookup", name: "nixpkgs" }), set({})) }],
    body: call(
      select(name("imgc"), "image"),
      set({
        name: string("shop/api"),
        packages: list([select(name("pkgs"), "python3Packages", "flask"), select(name("pkgs"), "xorg", "libX11", "1")]),
        store: list([{ kind: "written", pieces: ["hello # the program"], scope: "pkgs" }]),
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
