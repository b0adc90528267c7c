/** `npm run playground`: writes the playground and the documentation as a static site. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import manifest from "../package.json" with { type: "json" };
import type { PlaygroundData } from "../src/playground/data.ts";
import { exampleSheets } from "./site/examples.ts";
import { layout } from "./site/layout.ts";
import { makeSite, type Page } from "./site/pages.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Writes the site into a folder, which is made anew. */
export async function writeSite(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const { pages, assets } = makeSite(ROOT);
  const home = homePage();
  const all = [home, ...pages];
  const script = '<script defer src="playground.js"></script>';
  for (const page of all) write(page.output, layout(page, all, page === home ? script : ""));
  for (const asset of assets) {
    mkdirSync(dirname(join(folder, asset)), { recursive: true });
    copyFileSync(join(ROOT, asset), join(folder, asset));
  }
  const styles = ["style.css", "playground.css"].map((name) => readFileSync(join(ROOT, "scripts/site", name), "utf8"));
  write("style.css", styles.join("\n"));
  await build({
    entryPoints: [join(ROOT, "src/playground/main.ts")],
    outfile: join(folder, "playground.js"),
    bundle: true,
    minify: true,
    // Browsers refuse modules from file: addresses.
    format: "iife",
    target: "es2023",
    platform: "browser",
    logLevel: "warning",
  });
}

function homePage(): Page {
  const data: PlaygroundData = { version: manifest.version, examples: exampleSheets(ROOT) };
  // Escape `<`, so that no text of an example can end the script element.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  const html = readFileSync(join(ROOT, "scripts/site/playground.html"), "utf8");
  return {
    output: "index.html",
    title: "Playground",
    html: `${html}<script type="application/json" id="playground-data">${json}</script>`,
    isListed: true,
  };
}

if (import.meta.main) {
  const folder = join(ROOT, "site");
  await writeSite(folder);
  console.log(join(folder, "index.html"));
}
