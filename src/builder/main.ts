/**
 * What runs inside a Nix derivation: `node builder.mjs ACTION`, with the arguments in the JSON file that structured
 * attributes give. It imports nothing of the language or the command line, so that their changes rebuild no layer.
 */
import { archive } from "./archive.ts";
import { base } from "./base.ts";
import { blobs } from "./blobs.ts";
import { content } from "./content.ts";
import { database } from "./database.ts";
import { environment } from "./environment.ts";
import { derivations } from "./derivations.ts";
import { fetch } from "./fetch.ts";
import { index } from "./index.ts";
import { digests, image } from "./image.ts";
import { layer } from "./layer.ts";
import { layout } from "./layout.ts";
import { pack } from "./pack.ts";
import { plan } from "./plan.ts";
import { runAction } from "./run-action.ts";

await runAction({
  base,
  fetch,
  content,
  plan,
  layer,
  pack,
  database,
  derivations,
  environment,
  image,
  index,
  digests,
  blobs,
  layout,
  archive,
});
