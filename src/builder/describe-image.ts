/** Makes an image's documents from its layers' recipes, for its directory and its digests file. */
import * as z from "zod/mini";
import { baseAnnotations, Origin } from "../image/base-annotations.ts";
import { checkExpect, factsOf } from "../verify/contents/expect.ts";
import { Expect, Metadata, type ImageFile } from "../image/image-file.ts";
import { encode, Platform } from "../oci/documents.ts";
import type { PlanFile } from "../image/plan-file.ts";
import type { Layer } from "../layer/recipe.ts";
import { BuildError } from "./build-error.ts";
import { storeDir } from "./derivation.ts";
import { readContent, readPlan } from "./own-files.ts";
import { readRecipes, type RecipeFile } from "./recipes.ts";
import { toHex, sha256 } from "../oci/digest.ts";
import { makeConfig, makeManifest } from "../image/make-documents.ts";

export const ImageArguments = z.object({
  imageName: z.string(),
  tag: z.nullable(z.string()),
  platform: Platform,
  /** RFC 3339, or seconds since the epoch. */
  created: z.union([z.string(), z.number()]),
  author: z.nullable(z.string()),
  annotations: z.record(z.string(), z.string()),
  manifest: z.enum(["oci", "docker"]),
  content: z.string(),
  /** The base in a registry under the image and its other bases; null without one. */
  origin: z.nullable(Origin),
  /** The plans of the image and its bases, the base's first. */
  plans: z.array(z.string()),
  /** Layer recipes or folders of them, the base's first. */
  layers: z.array(z.string()),
  /** Whether the image is the gzip form beside a zstd form. */
  isGzipForm: z.boolean(),
  expect: Expect,
  /** The metadata of the packages and their inputs, including inputs that are not in the image. */
  metadata: z.array(Metadata),
});

export interface Described {
  file: ImageFile;
  manifest: Buffer;
  config: Buffer;
  recipes: RecipeFile[];
}

export function describeImage(args: z.infer<typeof ImageArguments>): Described {
  const plans = args.plans.map(readPlan);
  const closure = plans.flatMap((plan) => plan.closure).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const known = new Set(closure.map(({ path }) => path));
  const held = plans.flatMap(({ layers }) => layers.flatMap(({ paths }) => paths)).filter((path) => !known.has(path));
  const recipes = readRecipes(args.layers);
  const layers = recipes.map(({ layer }) => layer);
  const metadata = ofClosure(args.metadata, closure);
  const content = readContent(args.content);
  const findings = checkExpect(args.expect, factsOf(layers, closure, metadata, content.special));
  if (findings.length > 0) throw new BuildError(findings);

  const zstd = layers.find(({ compression }) => compression.algorithm === "zstd");
  if (args.manifest === "docker" && zstd !== undefined) {
    throw new BuildError(
      `${zstd.name} is compressed with zstd, which Docker manifests do not support: ` +
        "use `compression gzip` here and in the images below, or `manifest oci`",
    );
  }

  if (args.isGzipForm && zstd !== undefined) {
    const message =
      `the layer ${zstd.name} of the base is compressed with zstd, so clients without zstd could not pull the gzip form; ` +
      "use `compression zstd` here, or give the base a gzip form";
    throw new BuildError([{ at: ["compression"], message }]);
  }

  const { config: run, history } = content;
  const created = typeof args.created === "number" ? new Date(args.created * 1000).toISOString() : args.created;
  const comments = commentsOf(plans);
  const commentOf = ({ content: { paths } }: Layer) => comments.get(paths[0] ?? "");
  const config = encode(makeConfig(args, created, run, layers, history, commentOf));
  const ofBase =
    args.origin === null || args.manifest === "docker" ? {} : baseAnnotations(args.origin, content, plans, layers);
  const annotations = { ...ofBase, ...args.annotations };
  const manifest = encode(makeManifest(args.manifest, config, layers, annotations));
  const file: ImageFile = {
    imgc: 4,
    name: args.imageName,
    tag: args.tag ?? toHex(sha256(manifest)).slice(0, 32),
    storeDir: storeDir(),
    expect: args.expect,
    closure,
    held: held.toSorted(),
    roots: [...new Set(plans.flatMap(({ roots }) => roots))].toSorted(),
    metadata,
    ...(content.notes && { notes: content.notes }),
  };

  return { file, manifest, config, recipes };
}

/** The comments of layers, by the first path of each layer; no other layer has that path. */
function commentsOf(plans: PlanFile[]): Map<string, string> {
  return new Map(
    plans.flatMap(({ layers }) =>
      layers.flatMap(({ paths: [first], comment }): [string, string][] =>
        first === undefined || comment === undefined ? [] : [[first, comment]],
      ),
    ),
  );
}

/** The metadata of the image's store paths, once for each path. */
function ofClosure(metadata: Metadata[], closure: { path: string }[]): Metadata[] {
  const byPath = new Map(metadata.map((entry) => [entry.path, entry]));
  return closure.flatMap(({ path }) => byPath.get(path) ?? []);
}
