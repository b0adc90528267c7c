/**
 * Runs in place of a package's builder, with the package's attributes, and writes the environment that Nix made of them
 * (https://nix.dev/manual/nix, "Advanced Attributes").
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { ShellFile } from "../../image/shell-file.ts";
import { phase, writeOutputs } from "../derivation.ts";
import { shellScript, SHELL_SCRIPT } from "../shell-script.ts";
import { shellQuote } from "../../util/shell.ts";

/** The build folder in the image, the same as in Nix's sandbox. */
const BUILD = "/build";

/** Variables that Nix sets for every builder; they do not apply in the image. */
const OF_EVERY_BUILDER =
  /^(HOME|NIX_BUILD_CORES|NIX_BUILD_TOP|NIX_LOG_FD|NIX_STORE|PWD|TERM|TE?MP(DIR)?|NIX_ATTRS_.*)$/;

const Original = z.object({
  builder: z.string(),
  args: z.array(z.string()),
  name: z.string(),
  system: z.string(),
  /** The paths of the package's outputs, by name. */
  outputs: z.record(z.string(), z.string()),
});
type Original = z.infer<typeof Original>;

const Structured = z.looseObject({ imgc: z.string(), outputs: z.record(z.string(), z.string()) });

export function environment(): void {
  phase("writing the environment");
  const top = process.env["NIX_BUILD_TOP"] ?? ".";
  const attrs = existsSync(join(top, ".attrs.json")) ? readFileSync(join(top, ".attrs.json"), "utf8") : undefined;
  const structured = attrs === undefined ? undefined : Structured.parse(JSON.parse(attrs));
  const original = Original.parse(JSON.parse(structured?.imgc ?? process.env["imgc"] ?? ""));
  const names = Object.keys(original.outputs);
  const outputs = structured?.outputs ?? Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""]));
  // The variables contain this derivation's output paths, which are replaced by the package's.
  const withPackagePaths = (text: string) =>
    names.reduce((all, name) => all.replaceAll(outputs[name] ?? "", original.outputs[name] ?? ""), text);

  const made = structured === undefined ? plain(original) : structuredFiles(top, structured, original);
  const common = { NIX_BUILD_TOP: BUILD, TMPDIR: BUILD, TEMPDIR: BUILD, TMP: BUILD, TEMP: BUILD };
  const result: ShellFile = {
    env: {
      ...made.env,
      ...common,
      NIX_STORE: process.env["NIX_STORE"] ?? "",
      IN_NIX_SHELL: "impure",
      BASH_ENV: SHELL_SCRIPT,
    },
    files: { ...made.files, [SHELL_SCRIPT]: shellScript(original.builder, original.args) },
  };
  const renamed: ShellFile = {
    env: mapValues(result.env, withPackagePaths),
    files: mapValues(result.files, withPackagePaths),
  };
  // All outputs are equal: Nix code reads the first one, whose name depends on the package.
  for (const out of Object.values(outputs)) writeOutputs({ out }, renamed);
}

/** Without structured attributes, each attribute is a variable, or a file if `passAsFile` lists it. */
function plain({ builder, name, system }: Original): ShellFile {
  const variables = Object.entries(process.env).filter(
    ([key, value]) =>
      !OF_EVERY_BUILDER.test(key) && key !== "imgc" && key !== "__structuredAttrs" && value !== undefined,
  ) as [string, string][];
  const env: Record<string, string> = { ...Object.fromEntries(variables), builder, name, system };
  // Nix's value if the package sets no PATH.
  if (env["PATH"] === "/path-not-set") delete env["PATH"];
  const files: Record<string, string> = {};
  for (const attribute of (env["passAsFile"] ?? "").split(" ").filter(Boolean)) {
    const variable = `${attribute}Path`;
    const file = `${BUILD}/.attr-${attribute}`;
    files[file] = readFileSync(env[variable] ?? "", "utf8");
    env[variable] = file;
  }
  return { env, files };
}

/** With structured attributes, all of them are in two files: as JSON, and as declarations for bash. */
function structuredFiles(top: string, structured: z.infer<typeof Structured>, original: Original): ShellFile {
  const { imgc: _, ...attributes } = structured;
  const { builder, name, system } = original;
  const json = JSON.stringify({ ...attributes, builder, name, system });
  let declarations = readFileSync(join(top, ".attrs.sh"), "utf8").replace(/^declare imgc=.*\n/m, "");
  for (const [key, value] of Object.entries({ builder, name, system })) {
    declarations = declarations.replace(
      new RegExp(`^declare ${key}=.*$`, "m"),
      () => `declare ${key}=${shellQuote(value)}`,
    );
  }
  const [sh, js] = [`${BUILD}/.attrs.sh`, `${BUILD}/.attrs.json`];
  return { env: { NIX_ATTRS_SH_FILE: sh, NIX_ATTRS_JSON_FILE: js }, files: { [sh]: declarations, [js]: json } };
}

function mapValues(values: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
