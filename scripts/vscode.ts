/** `npm run vscode`: packs the VS Code extension. */
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";
import { build } from "esbuild";
import manifest from "../grammar/vscode/package.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));
const grammar = join(root, "grammar");
const target = join(root, ".cache/vscode");

/** Packs the extension into `.cache/vscode`; returns the paths of the package and of its unpacked folder. */
export async function pack(): Promise<{ vsix: string; folder: string }> {
  const folder = join(target, "extension");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = ["vscode/package.json", "vscode/README.md", "imgspec.tmLanguage.json", "language-configuration.json"];
  for (const file of files) copyFileSync(join(grammar, file), join(folder, file.replace("vscode/", "")));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  await build({
    entryPoints: [join(grammar, "vscode/client.ts")],
    outfile: join(folder, "client.cjs"),
    external: ["vscode"],
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "warning",
  });
  const vsix = join(target, `imgspec-${manifest.version}.vsix`);
  await createVSIX({ cwd: folder, packagePath: vsix, dependencies: false, allowMissingRepository: true });
  return { vsix, folder };
}

if (import.meta.main) {
  const { vsix } = await pack();
  console.log(`${vsix}\n\ncode --install-extension ${vsix}`);
}
