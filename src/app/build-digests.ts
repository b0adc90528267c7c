/**
 * Gets the digests file of a spec's image. If a binary cache has all files, only two kinds of files are fetched: the
 * files that evaluation reads, and the digests file. These files refer to no other store paths. If the cache lacks a
 * file, the image is built.
 */
import * as z from "zod/mini";
import { readDigests } from "../image/digests-file.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { BuildFailure } from "../nix/build-log.ts";
import { nixBuild, nixCommand } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import { explainBuild } from "./build-failure.ts";
import { openCache } from "./build.ts";
import { compileFile, expressionOf, type SpecOptions, type Compiled } from "./compile.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { evaluateImage, onlyAttribute, type ImageWork } from "./evaluate-image.ts";
import type { Context } from "./reporter.ts";
import { withBases } from "./prefetch.ts";

export async function buildDigests(
  file: string,
  options: SpecOptions,
  { reporter, signal }: Context,
): Promise<ImageDirectory> {
  const compiled = compileFile(file, options, reporter);
  onlyAttribute(compiled);
  requireOnePlatform(compiled);
  using cache = await openCache(file, compiled, options, reporter);
  const onEvent = (event: NixEvent) => {
    cache.on(event);
    reporter.event(event);
  };
  const work: ImageWork = { compiled, settings: cache.options, options: { signal, onEvent } };
  try {
    const path = (await fetched(work)) ?? (await built(work, (line) => reporter.line(line)));
    if (cache.copies) await cache.finish(await used(work));
    return readDigests(cache.root + path);
  } catch (error) {
    throw await explainBuild(error, { compiled, options: cache.options, signal, reporter });
  }
}

/** Fetches the digests file without building; undefined if neither the store nor a cache has it. */
async function fetched(work: ImageWork): Promise<string | undefined> {
  const { compiled, settings, options } = work;
  const expression = expressionOf(compiled);
  const noBuilds = ["--no-link", "--max-jobs", "0", ...settings];
  try {
    await nixBuild({ expression, attributes: [onlyAttribute(compiled, "evaluated")], options: noBuilds, ...options });
    const [path = ""] = Strings.parse(await evaluateImage(work, "image: [ image.digests.outPath ]"));
    await nixCommand(["build", ...noBuilds, path], options);
    return path;
  } catch (error) {
    if (error instanceof BuildFailure) return undefined;
    throw error;
  }
}

async function built({ compiled, settings, options }: ImageWork, note: (line: string) => void): Promise<string> {
  const { spec } = compiled;
  const expression = expressionOf(compiled);
  const attributes = [onlyAttribute(compiled, "digests")];
  const build = () => nixBuild({ expression, attributes, options: ["--no-link", ...settings], ...options });
  const { lock } = compiled.options;
  const { outputs } = await withBases(build, { spec, lock, options: settings, note, signal: options.signal });
  return outputs[0] as string;
}

/** The store paths of the image to keep in a binary cache, including paths that are not on this machine. */
async function used(work: ImageWork): Promise<string[]> {
  const parts = "[ image image.image ] ++ image.sources ++ image.reusable";
  return Strings.parse(await evaluateImage(work, `image: map (each: each.outPath) (${parts})`));
}

const Strings = z.array(z.string());

/** Throws if the image has several platforms. */
function requireOnePlatform({ spec, options }: Compiled): void {
  const wanted = options.image ?? spec.images.at(-1)?.name;
  const several = spec.images.find((image) => image.name === wanted && image.platforms.length > 1);
  if (several === undefined) return;
  throw new ImgcError(EXIT.usage, `${several.name} has several platforms; run \`imgc build\` and push the result`);
}
