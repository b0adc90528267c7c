/** Reads the derivations of started builds, and checks which outputs are in the store. */
import { resolve } from "node:path";
import { readDerivation, type Derivation } from "../store/derivation.ts";
import { runTool, ToolError } from "../util/run-tool.ts";

/** A derivation whose build was started. */
export interface BuildFacts extends Derivation {
  /** Whether an output is not in the store; undefined if Nix cannot check the outputs. */
  isMissing: boolean | undefined;
}

/** The facts of those derivations whose files are on this machine. `store`: the options that name the store. */
export async function buildFacts(derivations: string[], store: string[]): Promise<Map<string, BuildFacts>> {
  const folder = store[1] ?? "";
  const root = folder.includes("/") && !folder.includes("://") ? resolve(folder) : "";
  const found = derivations.flatMap((path) => {
    const derivation = readDerivation(root + path);
    return derivation === undefined ? [] : [[path, derivation] as const];
  });
  const invalid = await invalidPaths(
    found.flatMap(([, { outputs }]) => outputs),
    store,
  );
  return new Map(
    found.map(([path, derivation]) => {
      const isKnown = invalid !== undefined && derivation.outputs.length > 0;
      const isMissing = isKnown ? derivation.outputs.some((each) => invalid.has(each)) : undefined;
      return [path, { ...derivation, isMissing }];
    }),
  );
}

/** The paths that are not in the store; undefined if Nix cannot check them. */
async function invalidPaths(paths: string[], store: string[]): Promise<Set<string> | undefined> {
  if (paths.length === 0) return new Set();
  try {
    const text = await runTool("nix-store", [...store, "--check-validity", "--print-invalid", ...paths]);
    return new Set(text.split("\n"));
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}
