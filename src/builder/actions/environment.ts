/**
 * Runs in place of a package's own builder, with its attributes, and writes down the environment that Nix gave it: so it is
 * Nix that says how attributes become variables and files (https://nix.dev/manual/nix, "Advanced Attributes").
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { ShellFile } from "../../image/shell-file.ts";
import { phase, writeOutputs } from "../attributes.ts";
import { quote, shellScript, SHELL_SCRIPT } from "../shell-script.ts";

/** Where building is done in the image, as in Nix's sandbox. */
const BUILD = "/build";

/** What Nix gives to every builder; the image has its own, or none. */
const OF_EVERY_BUILDER =
  /^(HOME|NIX_BUILD_CORES|NIX_BUILD_TOP|NIX_LOG_FD|NIX_STORE|PWD|TERM|TE?MP(DIR)?|NIX_ATTRS_.*)$/;

const Original = z.object({
  builder: z.string(),
  args: z.array(z.string()),
  name: z.string(),
  system: z.string(),
  /** The package's own outputs. */
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
  // What was made to lie in this derivation's outputs lies in the package's.
  const ownPaths = (text: string) =>
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
  const renamed: ShellFile = { env: mapValues(result.env, ownPaths), files: mapValues(result.files, ownPaths) };
  // Whichever the package's first output is, it is in it.
  for (const out of Object.values(outputs)) writeOutputs({ out }, renamed);
}

/** Every attribute is a variable; those of `passAsFile` are files. */
function plain({ builder, name, system }: Original): ShellFile {
  const variables = Object.entries(process.env).filter(
    ([key, value]) =>
      !OF_EVERY_BUILDER.test(key) && key !== "imgc" && key !== "__structuredAttrs" && value !== undefined,
  ) as [string, string][];
  const env: Record<string, string> = { ...Object.fromEntries(variables), builder, name, system };
  // What Nix says when the package has none.
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

/** All attributes are in two files, as JSON and as declarations for bash. */
function structuredFiles(top: string, structured: z.infer<typeof Structured>, original: Original): ShellFile {
  const { imgc: _, ...attributes } = structured;
  const { builder, name, system } = original;
  const json = JSON.stringify({ ...attributes, builder, name, system });
  let declarations = readFileSync(join(top, ".attrs.sh"), "utf8").replace(/^declare imgc=.*\n/m, "");
  for (const [key, value] of Object.entries({ builder, name, system })) {
    declarations = declarations.replace(new RegExp(`^declare ${key}=.*$`, "m"), () => `declare ${key}=${quote(value)}`);
  }
  const [sh, js] = [`${BUILD}/.attrs.sh`, `${BUILD}/.attrs.json`];
  return { env: { NIX_ATTRS_SH_FILE: sh, NIX_ATTRS_JSON_FILE: js }, files: { [sh]: declarations, [js]: json } };
}

function mapValues(values: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
