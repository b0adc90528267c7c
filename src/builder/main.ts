/**
 * What runs inside a Nix derivation: `node builder.mjs ACTION`, with the arguments in the JSON file that structured
 * attributes give. It imports nothing of the language or the command line, so that their changes rebuild no layer.
 */
import { blobs } from "./blobs.ts";
import { content } from "./content.ts";
import { image } from "./image.ts";
import { layer } from "./layer.ts";
import { layout } from "./layout.ts";
import { pack } from "./pack.ts";
import { plan } from "./plan.ts";
import { BuildError } from "./attributes.ts";

const actions: Record<string, () => Promise<void> | void> = { content, plan, layer, pack, image, blobs, layout };

try {
  const action = actions[process.argv[2] ?? ""];
  if (action === undefined) throw new BuildError(`no such action: ${process.argv[2]}`);
  await action();
} catch (error) {
  // A user's mistake is a message; anything else keeps its stack for a bug report.
  const message = error instanceof BuildError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`imgc: ${message}\n`);
  process.exitCode = 1;
}
