/**
 * The builder of derivations: `node builder.cjs ACTION`, with arguments as structured attributes. It imports nothing of the
 * language or the command line, so that changes there rebuild no layer. Each action loads only its own modules.
 */
import { runAction } from "./run-action.ts";

void runAction({
  base: async () => (await import("./actions/base.ts")).base(),
  fetch: async () => (await import("./actions/fetch.ts")).fetch(),
  content: async () => (await import("./actions/content.ts")).content(),
  plan: async () => (await import("./actions/plan.ts")).plan(),
  pack: async () => (await import("./actions/pack.ts")).pack(),
  thread: async () => (await import("./actions/layer.ts")).thread(),
  database: async () => (await import("./actions/database.ts")).database(),
  derivations: async () => (await import("./actions/derivations.ts")).derivations(),
  environment: async () => (await import("./actions/environment.ts")).environment(),
  image: async () => (await import("./actions/image.ts")).image(),
  index: async () => (await import("./actions/platform-index.ts")).index(),
  digests: async () => (await import("./actions/image.ts")).digests(),
  blobs: async () => (await import("./actions/blobs.ts")).blobs(),
  layout: async () => (await import("./actions/layout.ts")).layout(),
  archive: async () => (await import("./actions/archive.ts")).archive(),
});
