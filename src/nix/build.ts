/** Runs `nix build` on an expression; returns the outputs and the built derivations. */
import * as z from "zod/mini";
import { runTool, ToolError } from "../util/run-tool.ts";
import { BuildFailure, BuildLog, type BuiltDerivation } from "./build-log.ts";
import { buildFacts } from "./build-facts.ts";
import { parseLog, type NixEvent } from "./log.ts";
import { storeOptions } from "./options.ts";

export interface BuildRequest {
  /** A Nix expression, or a function whose arguments all have defaults. */
  expression: string;
  /** The attributes to build; empty: the expression's value. */
  attributes?: string[];
  /** Options for `nix build`. */
  options: string[];
  signal?: AbortSignal | undefined;
  env?: Record<string, string>;
  onEvent?: (event: NixEvent) => void;
}

export interface BuildResult {
  /** Store paths, one for each attribute, in an order that depends on the version of Nix. */
  outputs: string[];
  /** The store path of each derivation that an attribute names. */
  byDerivation: ReadonlyMap<string, string>;
  built: BuiltDerivation[];
}

const Outputs = z.array(z.object({ drvPath: z.optional(z.string()), outputs: z.record(z.string(), z.string()) }));

export async function nixBuild(request: BuildRequest): Promise<BuildResult> {
  const { expression, attributes = [], options, ...rest } = request;
  const args = ["build", "--json", "-f", "-", ...attributes, ...options];
  const { stdout, built } = await nixCommand(args, { ...rest, input: expression });
  const results = Outputs.parse(JSON.parse(stdout)).map(({ drvPath = "", outputs }) => ({
    drvPath,
    output: Object.values(outputs)[0] ?? "",
  }));
  return {
    outputs: results.map(({ output }) => output),
    byDerivation: new Map(results.map(({ drvPath, output }) => [drvPath, output])),
    built,
  };
}

export interface NixOptions {
  signal?: AbortSignal | undefined;
  env?: Record<string, string>;
  input?: string;
  onEvent?: (event: NixEvent) => void;
}

/** Runs a `nix` command that may build. Throws a `BuildFailure`, or a `ToolError` if Nix is missing. */
export async function nixCommand(
  args: string[],
  { onEvent, ...options }: NixOptions,
): Promise<{ stdout: string; built: BuiltDerivation[] }> {
  const log = new BuildLog();
  // These options follow the user's options, since some options, such as -L, choose another log format.
  const fixed = ["--extra-experimental-features", "nix-command", "--log-format", "internal-json"];
  try {
    const stdout = await runTool("nix", [...args, ...fixed], {
      ...options,
      onErrorLine: (line) => {
        const event = parseLog(line);
        if (event === undefined) return;
        log.add(event);
        onEvent?.(event);
      },
    });
    return { stdout, built: [...log.built.values()] };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const store = storeOptions(args);
    const derivations = [...log.built.values()].map(({ derivation }) => derivation);
    const failure = log.failure(await buildFacts(derivations, store));
    throw failure === undefined ? error : new BuildFailure({ ...failure, store });
  }
}
