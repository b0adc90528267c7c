// What a build reuses and where its results are kept.
import * as z from "zod/mini";
import { block, defaults, settingsSchema } from "../types/block.ts";
import { keyword } from "../types/choice.ts";
import { optional, sequence } from "../types/combine.ts";
import { amount, durationUnit, sizeUnit } from "../types/number.ts";
import { setting } from "../types/setting.ts";
import { plain } from "../types/text.ts";

const binaryCacheSettings = {
  compression: setting(keyword("none", "gzip", "bzip2", "xz", "zstd"), "zstd", {
    doc: "How its archives are compressed.",
    example: "compression zstd",
  }),
  keep: setting(amount(durationUnit), null, { doc: "How long results are kept.", example: "keep 14d" }),
  maxSize: setting(amount(sizeUnit), null, { doc: "How large it may grow.", example: "max-size 5GiB" }),
};
const binaryCacheSchema = () => settingsSchema(binaryCacheSettings, { path: z.string() });

export const cacheSettings = {
  reuse: setting(keyword("layer", "group", "image"), "layer", {
    doc: "What is a derivation of its own: each layer, each named group, or only the whole image.",
    example: "reuse group",
  }),
  store: setting(plain, null, { doc: "A Nix store that builds run in.", example: 'store "./cache"' }),
  binaryCache: setting(
    sequence(
      [plain, optional(block(binaryCacheSettings), defaults(binaryCacheSettings))],
      binaryCacheSchema,
      (path, rest) => ({ path, ...rest }),
    ),
    null,
    { doc: "A directory every result is pushed to and read from.", example: 'binary-cache "./cache" { keep 14d }' },
  ),
  push: setting(plain, null, { doc: "A Nix store URL every result is pushed to.", example: 'push "s3://bucket"' }),
};
