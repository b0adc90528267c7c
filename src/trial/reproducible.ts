/** `expect reproducible`: every part of an image directory built once more, by Nix, and compared with what is there. */
import { realpathSync } from "node:fs";
import * as z from "zod/mini";
import { readImageDirectory } from "../image/read.ts";
import { runTool, ToolError } from "../tool/run.ts";

const Derivations = z.record(z.string(), z.looseObject({ args: z.array(z.string()) }));
/** The parts of an image are what this program builds; the packages in it are the package set's own affair. */
const BUILDER = /-imgc-builder\.mjs$/;
const NIX = ["--extra-experimental-features", "nix-command"];

/** A sentence for each part that comes out differently. */
export async function checkReproducible(path: string, onStep: (step: string) => void): Promise<string[]> {
  const { root, file } = readImageDirectory(path);
  const store = root === "" ? [] : ["--store", root];
  const output = realpathSync(path).slice(root.length);
  if (!output.startsWith(`${file.storeDir}/`)) {
    throw new ToolError(`\`expect reproducible\` needs the image where Nix built it, and ${path} is not in a store`);
  }
  const deriver = (await runTool("nix-store", [...store, "--query", "--deriver", output])).trim();
  if (!deriver.endsWith(".drv")) {
    throw new ToolError(`\`expect reproducible\` needs the derivation of ${output}, which this store does not know`);
  }
  const shown: unknown = JSON.parse(await runTool("nix", [...NIX, ...store, "show-derivation", "-r", deriver]));
  const parts = Object.entries(Derivations.parse(shown)).filter(([, { args }]) => BUILDER.test(args[0] ?? ""));
  const found: string[] = [];
  for (const [i, [derivation]] of parts.entries()) {
    onStep(`building again, part ${i + 1} of ${parts.length}`);
    const difference = await rebuild(store, derivation);
    if (difference !== undefined) found.push(`expect reproducible: ${difference}`);
  }
  return found;
}

/** What Nix says where the outputs differ. */
async function rebuild(store: string[], derivation: string): Promise<string | undefined> {
  let differs: string | undefined;
  const onErrorLine = (line: string) => {
    if (line.includes("may not be deterministic")) differs = line.replace(/^error: /, "");
  };
  try {
    await runTool("nix-store", [...store, "--realise", "--check", derivation], { onErrorLine });
  } catch (error) {
    if (differs === undefined) throw error;
  }
  return differs;
}
