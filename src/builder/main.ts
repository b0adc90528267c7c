/**
 * The builder of derivations: `node builder.mjs ACTION`, with arguments as structured attributes. It imports nothing of the
 * language or the command line, so that changes there rebuild no layer.
 */
import { archive } from "./actions/archive.ts";
import { base } from "./actions/base.ts";
import { blobs } from "./actions/blobs.ts";
import { content } from "./actions/content.ts";
import { database } from "./actions/database.ts";
import { environment } from "./actions/environment.ts";
import { derivations } from "./actions/derivations.ts";
import { fetch } from "./actions/fetch.ts";
import { index } from "./actions/platform-index.ts";
import { digests, image } from "./actions/image.ts";
import { layer } from "./actions/layer.ts";
import { layout } from "./actions/layout.ts";
import { pack } from "./actions/pack.ts";
import { plan } from "./actions/plan.ts";
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
