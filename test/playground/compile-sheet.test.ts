import { expect, test } from "vitest";
import { compileSheet } from "../../src/playground/compile-sheet.ts";

const compiled = (text: string, files: string[] = []) => compileSheet({ name: "app.imgspec", text, files }, "0.1.0");

test("a valid description has a Nix expression with relative paths", () => {
  const { diagnostics, nix } = compiled('image "a" { files { "/app" copy ./src/app } }', ["src/app/main.py"]);
  expect(diagnostics).toEqual([]);
  expect(nix).toContain("# Made from app.imgspec by imgc 0.1.0.");
  expect(nix).toContain("./src/app");
  expect(nix).not.toContain("/home");
});

test("errors, files that are not listed, and bases without a pin have diagnostics and no Nix expression", () => {
  const codesOf = (text: string, files?: string[]) => {
    const { diagnostics, nix } = compiled(text, files);
    expect(nix).toBeUndefined();
    return diagnostics.map(({ code }) => code);
  };
  expect(codesOf('image "a" { package [ hello ] }')).toEqual(["unknown-setting"]);
  expect(codesOf('image "a" { files { "/app" copy ./src } }', ["other"])).toEqual(["missing-file"]);
  expect(codesOf("import ./common.imgspec", ["common.imgspec"])).toContain("missing-import");
  expect(codesOf('image "a" { base registry "docker.io/library/debian:12" }')).toEqual(["not-pinned"]);
});
