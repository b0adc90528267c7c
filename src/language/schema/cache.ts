/** The `cache` settings: the parts that builds reuse, and the places that keep results. */
import * as z from "zod/mini";
import { block, defaults, settingsSchema } from "../types/block.ts";
import { keyword } from "../types/choice.ts";
import { flag, optional, sequence } from "../types/combine.ts";
import { amount, durationUnit, sizeUnit } from "../types/number.ts";
import { setting } from "../types/setting.ts";
import { plain } from "../types/text.ts";

const binaryCacheSettings = {
  compression: setting(keyword("none", "gzip", "bzip2", "xz", "zstd"), "zstd", {
    doc: "How archives in the cache are compressed.",
    example: "compression zstd",
  }),
  keep: setting(amount(durationUnit), null, { doc: "How long unused results are kept.", example: "keep 14d" }),
  maxSize: setting(amount(sizeUnit), null, {
    doc: "The largest size of the cache. The least recently used results are removed first.",
    example: "max-size 5GiB",
  }),
};
const binaryCacheSchema = () => settingsSchema(binaryCacheSettings, { path: z.string() });

export const cacheSettings = {
  reuse: setting(keyword("layer", "group", "image"), "layer", {
    doc: "Which parts are derivations of their own, and so can be reused: each layer, each named group of layers, or only the whole image.",
    example: "reuse group",
  }),
  blobs: setting(flag, false, {
    doc: "Keeps the compressed bytes of each layer in the Nix store, so that a push does not compress the layer again. The bytes stay as long as a result refers to the layer.",
    example: "blobs",
  }),
  store: setting(plain, null, { doc: "A folder with a Nix store in which builds run.", example: 'store "./cache"' }),
  binaryCache: setting(
    sequence(
      [plain, optional(block(binaryCacheSettings), defaults(binaryCacheSettings))],
      binaryCacheSchema,
      (path, rest) => ({ path, ...rest }),
    ),
    null,
    {
      doc: "A folder to which each result is copied, and from which later builds read.",
      example: 'binary-cache "./cache" { keep 14d }',
    },
  ),
  push: setting(plain, null, {
    doc: "The URL of a Nix store to which each result is copied.",
    example: 'push "s3://bucket"',
  }),
};
