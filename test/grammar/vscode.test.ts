import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles } from "@vscode/vsce";
import { expect, test } from "vitest";
import root from "../../package.json" with { type: "json" };
import { pack } from "../../scripts/vscode.ts";
import { highlighter } from "./highlighter.ts";

test("the VS Code extension can be packed, and contains all files that its manifest names", async () => {
  const { folder, vsix } = await pack();
  const read = (path: string) => readFileSync(join(folder, path), "utf8");
  const manifest = JSON.parse(read("package.json")) as {
    version: string;
    main: string;
    contributes: { languages: { configuration: string }[]; grammars: { path: string; scopeName: string }[] };
  };
  const { languages, grammars } = manifest.contributes;
  const named = [manifest.main, ...languages.map((each) => each.configuration), ...grammars.map((each) => each.path)];
  const packed = await listFiles({ cwd: folder, packageManager: 0 });
  expect(packed.map((name) => `./${name}`)).toEqual(expect.arrayContaining(named));
  // The signature of a zip file.
  expect(readFileSync(vsix).subarray(0, 2).toString()).toBe("PK");
  expect(manifest.version).toBe(root.version);

  const highlight = await highlighter(read(grammars[0]?.path ?? ""));
  expect(highlight("let a = [ hello ]")[0]?.[0]).toEqual({ text: "let", scopes: ["keyword.declaration"] });
  expect(() => JSON.parse(read(languages[0]?.configuration ?? "")) as unknown).not.toThrow();
});
