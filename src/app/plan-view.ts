/** The plan of an image for `imgc plan`, read from an image directory or built from a spec without building layers. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PlanFile, type ClosureEntry } from "../image/plan-file.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { decodeMasked } from "../store/masked-json.ts";
import { nixBuild } from "../nix/build.ts";
import { explainBuild } from "./build-failure.ts";
import { openCache } from "./build.ts";
import { compileFile, type SpecOptions } from "./compile.ts";
import { countCopy, type CopyCount } from "./copies.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { isSpec } from "./spec-files.ts";
import type { Context } from "./reporter.ts";
import { openImage } from "./open-image.ts";

export interface PlanView {
  title: string;
  /** Lowest layer first. */
  layers: PlanLayer[];
  closure: ClosureEntry[];
  /** The prefix of store paths on this machine. */
  root: string;
  /** For a spec: the files that its `copy` entries copy. */
  copies?: CopyCount[];
  /** For a spec: the files of the base that rules of `permissions` duplicate. */
  rewritten?: PlanFile["rewritten"];
}

export interface PlanLayer {
  name: string;
  paths: string[];
  /** Undefined if only the plan was built. `packed`: bytes of the blob; `size`: bytes of the tar stream. */
  built?: { digest: string; packed: number; size: number; content: ImageDirectory["layers"][number]["content"] };
}

/** The bytes of each layer's tar stream or, if only the plan was built, of the layer's store paths. */
export function layerSizes({ layers, closure }: PlanView): number[] {
  const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
  return layers.map(({ paths, built }) => built?.size ?? paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0));
}

export async function planView(target: string, options: SpecOptions, context: Context): Promise<PlanView> {
  return isSpec(target) ? specPlan(target, options, context) : imagePlan(target);
}

function imagePlan(path: string): PlanView {
  const { file, layers, root } = openImage(path);
  return {
    title: `${file.name}:${file.tag}`,
    layers: layers.map(({ name, content, digest, size, diffSize }) => ({
      name,
      paths: content.paths,
      built: { digest, packed: size, size: diffSize, content },
    })),
    closure: file.closure,
    root,
  };
}

/** Builds only the plan of a spec: no layer is hashed. */
async function specPlan(file: string, options: SpecOptions, { reporter, signal }: Context): Promise<PlanView> {
  const compiled = compileFile(file, options, reporter);
  const { spec, expression, attributes, copies } = compiled;
  const [attribute = "", ...others] = attributes;
  if (others.length > 0) {
    const names = spec.images.map(({ name }) => name).join(", ");
    throw new ImgcError(EXIT.usage, `the file has several images; choose one of ${names} with --image`);
  }
  using cache = await openCache(file, compiled, options, reporter);
  try {
    const { outputs } = await nixBuild({
      expression,
      attributes: [attribute === "" ? "plan" : `${attribute}.plan`],
      options: ["--no-link", ...cache.options],
      signal,
      onEvent: (event) => reporter.event(event),
    });
    const output = cache.root + (outputs[0] ?? "");
    const plan = readPlan(statSync(output).isDirectory() ? join(output, "plan.json") : output);
    const image = spec.images.find(({ name }) => options.image === undefined || name === options.image);
    return {
      title: image?.name ?? file,
      ...plan,
      root: cache.root,
      copies: copies.filter((copy) => copy.image === image?.name).map(countCopy),
    };
  } catch (error) {
    throw await explainBuild(error, { compiled, options: cache.options, signal, reporter });
  }
}

function readPlan(path: string): Pick<PlanView, "layers" | "closure" | "rewritten"> {
  return PlanFile.parse(decodeMasked(readFileSync(path, "utf8")));
}
