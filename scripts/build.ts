/** Bundles what is shipped: the builder that runs inside Nix, and the command line. */
import { build } from "esbuild";

const common = { bundle: true, platform: "node", target: "node22.15", minify: true, logLevel: "warning" } as const;

await Promise.all([
  build({ ...common, entryPoints: ["src/builder/main.ts"], outfile: "dist/builder.mjs", format: "esm" }),
  build({
    ...common,
    entryPoints: ["src/cli/main.ts"],
    outfile: "dist/imgc.cjs",
    format: "cjs",
    define: { "import.meta.dirname": "__dirname" },
  }),
]);
