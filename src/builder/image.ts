/** The image derivation: config, manifest and the list of layers, a few kilobytes whatever the image weighs. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { ContentFile } from "../image/content-file.ts";
import { checksums } from "../image/checksums.ts";
import { checkExpect, factsOf } from "../image/expect.ts";
import { Expect, Metadata, type ImageFile } from "../image/image-file.ts";
import { encode, makeConfig, makeManifest, Platform, sha256 } from "../image/oci.ts";
import { documents } from "../image/read.ts";
import { PlanFile } from "../image/plan-file.ts";
import { attributes, BuildError, phase, readJson, storeDir } from "./attributes.ts";
import { readRecipes } from "./recipes.ts";

const Attributes = z.object({
  imageName: z.string(),
  tag: z.nullable(z.string()),
  platform: Platform,
  /** RFC 3339, or seconds since the epoch. */
  created: z.union([z.string(), z.number()]),
  author: z.nullable(z.string()),
  annotations: z.record(z.string(), z.string()),
  manifest: z.enum(["oci", "docker"]),
  content: z.string(),
  /** The plans of the whole chain, the base's first. */
  plans: z.array(z.string()),
  /** Layer recipes or folders of them, the base's first. */
  layers: z.array(z.string()),
  expect: Expect,
  /** Of the packages and what they are built from; more than the image holds. */
  metadata: z.array(Metadata),
});

export function image(): void {
  const args = attributes(Attributes);
  const { out } = args;
  phase("writing the image");
  const closure = args.plans
    .flatMap((path) => PlanFile.parse(readJson(path)).closure)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const recipes = readRecipes(args.layers);
  const layers = recipes.map(({ layer }) => layer);
  const failed = checkExpect(args.expect, factsOf(layers, closure));
  if (failed.length > 0) throw new BuildError(failed.join("\n      "));

  const { config: run } = ContentFile.parse(readJson(args.content));
  const created = typeof args.created === "number" ? new Date(args.created * 1000).toISOString() : args.created;
  const config = encode(makeConfig(args, created, run, layers));
  const manifest = encode(makeManifest(args.manifest, config, layers, args.annotations));
  const file: ImageFile = {
    imgc: 1,
    name: args.imageName,
    tag: args.tag ?? sha256(manifest).slice("sha256:".length, "sha256:".length + 32),
    storeDir: storeDir(),
    expect: args.expect,
    closure,
    metadata: ofClosure(args.metadata, closure),
  };

  mkdirSync(join(out, "layers"), { recursive: true });
  writeFileSync(join(out, "config.json"), config);
  writeFileSync(join(out, "manifest.json"), manifest);
  writeFileSync(join(out, "image.json"), encode(file));
  for (const [i, { path }] of recipes.entries()) {
    // Relative, so that the link also holds in a store that lies elsewhere.
    const target = `../../${path.slice(storeDir().length + 1)}`;
    symlinkSync(target, join(out, "layers", `${String(i).padStart(3, "0")}.json`));
  }
  writeFileSync(join(out, "SHA256SUMS"), checksums(out, documents(out)));
}

/** What is known of the paths of the image, each once. */
function ofClosure(metadata: Metadata[], closure: { path: string }[]): Metadata[] {
  const byPath = new Map(metadata.map((entry) => [entry.path, entry]));
  return closure.flatMap(({ path }) => byPath.get(path) ?? []);
}
