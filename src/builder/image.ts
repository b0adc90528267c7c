/** The image derivation: config, manifest and the list of layers, a few kilobytes whatever the image weighs. */
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { checkExpect } from "../image/expect.ts";
import { Expect, type ImageFile } from "../image/image-file.ts";
import { encode, ImageConfig, makeConfig, makeManifest, RunConfig, sha256 } from "../image/oci.ts";
import { PlanFile } from "../image/plan-file.ts";
import { mergeRunConfig } from "../image/run-config.ts";
import { Layer } from "../layer/recipe.ts";
import { attributes, BuildError, phase, readJson, storeDir } from "./attributes.ts";

const Attributes = z.object({
  imageName: z.string(),
  tag: z.nullable(z.string()),
  platform: z.strictObject({ os: z.string(), architecture: z.string(), variant: z.optional(z.string()) }),
  created: z.string(),
  config: RunConfig,
  manifest: z.enum(["oci", "docker"]),
  plan: z.string(),
  /** The base's image directory; null for scratch. */
  base: z.nullable(z.string()),
  /** Layer recipes, the base's first. */
  layers: z.array(z.string()),
  expect: Expect,
});

export function image(): void {
  const args = attributes(Attributes);
  const { out } = args;
  phase("writing the image");
  const plan = PlanFile.parse(readJson(args.plan));
  const layers = args.layers.map((path) => Layer.parse(readJson(path)));
  const failed = checkExpect(args.expect, layers, plan.closure);
  if (failed.length > 0) throw new BuildError(failed.join("\n      "));

  const inherited = args.base === null ? {} : (ImageConfig.parse(readJson(`${args.base}/config.json`)).config ?? {});
  const run = mergeRunConfig(inherited, args.config);
  const config = encode(makeConfig(args.platform, args.created, run, layers));
  const manifest = encode(makeManifest(args.manifest, config, layers));
  const file: ImageFile = {
    imgc: 1,
    name: args.imageName,
    tag: args.tag ?? sha256(manifest).slice("sha256:".length, "sha256:".length + 32),
    storeDir: storeDir(),
    expect: args.expect,
    closure: plan.closure,
  };

  mkdirSync(join(out, "layers"), { recursive: true });
  writeFileSync(join(out, "config.json"), config);
  writeFileSync(join(out, "manifest.json"), manifest);
  writeFileSync(join(out, "image.json"), encode(file));
  for (const [i, path] of args.layers.entries()) {
    // Relative, so that the link also holds in a store that lies elsewhere.
    symlinkSync(`../../${basename(path)}`, join(out, "layers", `${String(i).padStart(3, "0")}.json`));
  }
  writeFileSync(join(out, "SHA256SUMS"), checksums(out));
}

function checksums(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => `${sha256(readFileSync(join(folder, name))).slice("sha256:".length)}  ${name}\n`)
    .join("");
}
