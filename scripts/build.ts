/** Bundles what is shipped: the builder that runs inside Nix, the command line, its layer threads, the prettier plugin, and the page of a plan. */
import { readFileSync, writeFileSync } from "node:fs";
import { build, type Plugin } from "esbuild";

/** commander loads this for commands that are programs of their own; there are none. */
const lazyChildProcess: Plugin = {
  name: "lazy-child-process",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes("/commander/") ? { path: "child_process", namespace: "lazy" } : undefined,
    );
    onLoad({ filter: /./, namespace: "lazy" }, () => ({
      contents: `module.exports = { spawn: (...args) => require("node:child_process").spawn(...args) };`,
    }));
  },
};

/** The language server is a bundle of its own, so that no other command has to read it. */
const ownServer: Plugin = {
  name: "own-server",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/lsp\.ts$/ }, () => ({ path: "./lsp.cjs", external: true }));
  },
};

const common = { bundle: true, platform: "node", target: "node22.15", minify: true, logLevel: "warning" } as const;
const program = { ...common, format: "cjs", define: { "import.meta.dirname": "__dirname" } } as const;

await Promise.all([
  build({ ...common, entryPoints: ["src/builder/main.ts"], outfile: "dist/builder.mjs", format: "esm" }),
  build({ ...common, entryPoints: ["src/builder/checks.ts"], outfile: "dist/checker.mjs", format: "esm" }),
  build({
    ...program,
    entryPoints: ["src/cli/main.ts"],
    outfile: "dist/imgc.cjs",
    plugins: [lazyChildProcess, ownServer],
  }),
  build({ ...program, entryPoints: ["src/cli/lsp.ts"], outfile: "dist/lsp.cjs" }),
  build({ ...program, entryPoints: ["src/serve/layer-worker.ts"], outfile: "dist/layer-worker.cjs" }),
  build({ ...common, entryPoints: ["src/format/index.ts"], outfile: "dist/prettier.mjs", format: "esm" }),
  planPage(),
]);

/** One file with style and script in it; `imgc plan` puts the data into it. */
async function planPage(): Promise<void> {
  const script = await build({
    bundle: true,
    minify: true,
    logLevel: "warning",
    target: "es2022",
    format: "iife",
    entryPoints: ["src/page/main.ts"],
    write: false,
  });
  const page = readFileSync("src/page/page.html", "utf8")
    .replace("__STYLE__", () => readFileSync("src/page/style.css", "utf8").trim())
    .replace("__SCRIPT__", () => (script.outputFiles[0]?.text ?? "").trim());
  writeFileSync("dist/plan.html", page);
}
