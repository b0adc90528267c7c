/** Bundles the shipped programs: builders that run inside Nix, command line, layer threads, prettier plugin, plan page. */
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import * as zod from "zod/mini";

/**
 * Gives commander Node's modules without a copy of their properties, which esbuild makes for default imports. The module
 * `node:child_process` loads lazily: commander needs this module only for commands in separate programs, and imgc has no
 * such commands.
 */
const builtinsOfCommander: Plugin = {
  name: "builtins-of-commander",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(?:child_process|fs|path|process)$/ }, ({ path, importer }) =>
      importer.includes("/commander/") ? { path, namespace: "builtin" } : undefined,
    );
    onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents:
        path === "node:child_process"
          ? `export default { spawn: (...args) => require("${path}").spawn(...args) };`
          : `export default require("${path}");`,
    }));
  },
};

/** Loads zod at the first use of a schema: commands that read only descriptions use no schema. */
const lazyZod: Plugin = {
  name: "lazy-zod",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^zod\/mini$/ }, () => ({ path: "zod", namespace: "lazy-zod" }));
    onLoad({ filter: /./, namespace: "lazy-zod" }, () => ({ contents: zodAtUse() }));
    onResolve({ filter: /^\.\/zod\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

/**
 * A module with the functions of zod, which loads zod at the first call. Each file that imports a CommonJS module gets a copy of its
 * properties from esbuild, so this is no CommonJS module.
 */
function zodAtUse(): string {
  const names = usedOfZod();
  const functions = names.map((name) => `const call_${name} = (...values) => require("./zod.cjs").${name}(...values);`);
  return [...functions, `export { ${names.map((name) => `call_${name} as ${name}`).join(", ")} };`].join("\n");
}

/** The functions of zod that `src` uses without JSON_SCHEMA: a bundle of all of zod would be ten times as large. */
function usedOfZod(): string[] {
  const files = globSync("**/*.ts", { cwd: SOURCE }).filter((file) => file !== JSON_SCHEMA);
  const uses = files.flatMap((file) =>
    [...readFileSync(join(SOURCE, file), "utf8").matchAll(/\bz\.([a-z]\w+)\b(?!\.\$)/g)].map(([, name = ""]) => name),
  );
  return [...new Set(uses)].filter((name) => Object.hasOwn(zod, name));
}

/** Loads a module of Node.js at the first use of one of its functions: not every run of a program compresses or hashes. */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(?:crypto|os|stream|timers\/promises|zlib)$/ }, ({ path, pluginData }) =>
      pluginData === "load" ? { path, external: true } : { path, namespace: "lazy-builtin" },
    );
    onLoad({ filter: /./, namespace: "lazy-builtin" }, ({ path }) => {
      const getters = usedOf(path).map((name) => `get ${name}() { return require("${path}").${name}; }`);
      return { contents: `module.exports = { __esModule: true, ${getters.join(", ")} };`, pluginData: "load" };
    });
  },
};

/** The names that `src` imports from a module of Node.js. */
function usedOf(module: string): string[] {
  const imports = new RegExp(`import \\{([^}]*)\\} from "${module}"`, "g");
  const names = globSync("**/*.ts", { cwd: SOURCE }).flatMap((file) =>
    [...readFileSync(join(SOURCE, file), "utf8").matchAll(imports)].flatMap(([, list = ""]) => list.split(",")),
  );
  return [...new Set(names.map((name) => name.trim().replace(/ as .*/, "")))].filter((name) => /^\w+$/.test(name));
}

/** Marks schemas as free of side effects, so that a program does not contain the schemas that it does not use. */
const unusedSchemas: Plugin = {
  name: "unused-schemas",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /^((?:export )?const \w+ = )(z\.[^]*?);$(?=\n(?:\S|\n|$))/gm,
        "$1/* @__PURE__ */ (() => $2)();",
      ),
      loader: "ts",
    }));
  },
};

/**
 * Makes each module that `src/cli` imports dynamically, such as each command, a separate bundle that is loaded when it is
 * used. The files in SHARED are one bundle for all.
 */
const ownBundles: Plugin = {
  name: "own-bundles",
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, kind, importer, resolveDir }) => {
      if (kind === "entry-point") return undefined;
      const file = relative(SOURCE, join(resolveDir, path));
      if (SHARED.includes(file)) return { path: "./shared.cjs", external: true };
      const isSeparate = kind === "dynamic-import" && relative(SOURCE, importer).startsWith("cli/");
      return isSeparate ? { path: `./${bundleName(file)}.cjs`, external: true } : undefined;
    });
  },
};
const SOURCE = join(import.meta.dirname, "../src");
/** Each file has the actions of a program that runs in derivations. */
const ACTIONS = join(SOURCE, "builder/actions");
/**
 * The files of `src` that have state, or classes for `instanceof`, which all bundles share. Other classes differ from bundle
 * to bundle, so `src/cli` must not compare with them.
 */
const SHARED = ["util/errors.ts", "cli/terminal/color-mode.ts"];

/** The command that prints the JSON schema, and the file of `src` that makes it with parts of zod that no other file uses. */
const SCHEMA_COMMAND = "cli/commands/schema.ts";
const JSON_SCHEMA = "language/schema/json-schema.ts";

/** The bundle of a file of `src`: the name of a command, or the path with dashes. */
function bundleName(file: string): string {
  return file.replace("cli/commands/", "").replaceAll("/", "-").replace(/\.ts$/, "");
}

/** The files of `src` that `src/cli` imports dynamically. */
function dynamicImports(): string[] {
  const files = globSync("cli/**/*.ts", { cwd: SOURCE }).flatMap((importer) =>
    [...readFileSync(join(SOURCE, importer), "utf8").matchAll(/import\("(\..+\.ts)"\)/g)].map(([, path = ""]) =>
      join(dirname(importer), path),
    ),
  );
  return [...new Set(files)];
}

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
  ...globSync("*.ts", { cwd: ACTIONS }).map(builder),
  build({
    ...program,
    entryPoints: [
      { in: "src/cli/main.ts", out: "imgc" },
      ...dynamicImports()
        .filter((file) => file !== SCHEMA_COMMAND)
        .map((file) => ({ in: join(SOURCE, file), out: bundleName(file) })),
    ],
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    plugins: [builtinsOfCommander, lazyZod, lazyBuiltins, ownBundles],
  }),
  build({ ...program, entryPoints: [join(SOURCE, SCHEMA_COMMAND)], outfile: "dist/schema.cjs", plugins: [ownBundles] }),
  build({
    ...program,
    stdin: { contents: `export { ${usedOfZod().join(", ")} } from "zod/mini";`, resolveDir: SOURCE },
    outfile: "dist/zod.cjs",
  }),
  build({
    ...program,
    stdin: {
      contents: SHARED.map((file) => `export * from "./${file}";`).join("\n"),
      resolveDir: SOURCE,
      loader: "ts",
    },
    outfile: "dist/shared.cjs",
  }),
  build({ ...program, entryPoints: ["src/serve/layer-worker.ts"], outfile: "dist/layer-worker.cjs" }),
  build({ ...common, entryPoints: ["src/format/index.ts"], outfile: "dist/prettier.mjs", format: "esm" }),
  planPage(),
]);
await build({
  ...program,
  entryPoints: ["src/cli/start.ts"],
  outfile: "dist/start.cjs",
  define: { ...program.define, BUILD: JSON.stringify(digestOfBundles()) },
});

/** A digest of all bundles that `start.cjs` loads. */
function digestOfBundles(): string {
  const hash = createHash("sha256");
  for (const name of globSync("dist/*.cjs").toSorted())
    if (name !== "dist/start.cjs") hash.update(name).update(readFileSync(name));
  return hash.digest("hex").slice(0, 32);
}

/** Makes the program of a derivation from a file of actions. */
async function builder(file: string): Promise<void> {
  await build({
    ...program,
    stdin: {
      contents: `import * as actions from "./actions/${file}";
        import { runAction } from "./run-action.ts";
        void runAction(actions);`,
      resolveDir: dirname(ACTIONS),
      loader: "ts",
    },
    outfile: `dist/builders/${file.replace(/\.ts$/, ".cjs")}`,
    plugins: [lazyBuiltins, unusedSchemas],
  });
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
