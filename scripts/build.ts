/** Bundles the shipped programs: builders that run inside Nix, command line, layer threads, prettier plugin, plan page. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * Makes commander load `node:child_process` lazily: it needs this module only for commands in separate programs, and
 * imgc has no such commands.
 */
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

/**
 * Makes each command a separate bundle that is loaded when the command runs. The error classes are one shared bundle, so
 * that `instanceof` works across bundles; so is the value of `--color`.
 */
const ownCommands: Plugin = {
  name: "own-commands",
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, kind, importer }) => {
      const isCommand = kind === "dynamic-import" && importer.endsWith("/cli/program.ts");
      const external =
        kind !== "entry-point" && (isCommand || SHARED.some((name) => path.endsWith(`/${basename(name)}.ts`)));
      return external ? { path: `./${basename(path, ".ts")}.cjs`, external } : undefined;
    });
  },
};
/** The files of `src` that have state, or classes, which all bundles share. */
const SHARED = ["util/errors", "cli/terminal/color-mode"];
const commands = [...readFileSync("src/cli/program.ts", "utf8").matchAll(/import\("\.\/commands\/(.+)\.ts"\)/g)].map(
  ([, name]) => name,
);

const common = { bundle: true, platform: "node", target: "node22.15", minify: true, logLevel: "warning" } as const;
const program = {
  ...common,
  format: "cjs",
  define: { "import.meta.dirname": "__dirname" },
  // Load commands with `require`: the loader of ES modules takes longer to start.
  supported: { "dynamic-import": false },
} as const;

mkdirSync("dist", { recursive: true });
await Promise.all([
  builder("main", "builder"),
  builder("layer-program", "layer"),
  builder("extractor", "extractor"),
  builder("checker", "checker"),
  build({
    ...program,
    entryPoints: [
      { in: "src/cli/main.ts", out: "imgc" },
      ...SHARED.map((name) => ({ in: `src/${name}.ts`, out: basename(name) })),
      ...commands.map((name) => ({ in: `src/cli/commands/${name}.ts`, out: `${name}` })),
    ],
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    plugins: [lazyChildProcess, ownCommands],
  }),
  build({ ...program, entryPoints: ["src/serve/layer-worker.ts"], outfile: "dist/layer-worker.cjs" }),
  build({ ...common, entryPoints: ["src/format/index.ts"], outfile: "dist/prettier.mjs", format: "esm" }),
  planPage(),
]);

/** Makes a program of derivations. It is a CommonJS module, since the loader of ES modules takes longer to start. */
async function builder(source: string, name: string): Promise<void> {
  await build({ ...common, entryPoints: [`src/builder/${source}.ts`], outfile: `dist/${name}.cjs`, format: "cjs" });
}

/** Makes one HTML file with style and script; `imgc plan` inserts the data. */
async function planPage(): Promise<void> {
  const script = await build({
    bundle: true,
    minify: true,
    logLevel: "warning",
    target: "es2022",
    format: "iife",
    entryPoints: ["src/plan-page/main.ts"],
    write: false,
  });
  const page = readFileSync("src/plan-page/page.html", "utf8")
    .replace("__STYLE__", () => readFileSync("src/plan-page/style.css", "utf8").trim())
    .replace("__SCRIPT__", () => (script.outputFiles[0]?.text ?? "").trim());
  writeFileSync("dist/plan.html", page);
}
