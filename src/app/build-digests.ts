/**
 * Gets the digests files of a spec's image, one for each form. If a binary cache has them, and the files that evaluation reads,
 * only these files are fetched; they refer to no other store paths. If the cache lacks a file, the image is built.
 */
import * as z from "zod/mini";
import { readDigests } from "../image/digests-file.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { BuildFailure } from "../nix/build-log.ts";
import { nixBuild, nixCommand } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import { explainBuild } from "./build-failure.ts";
import { openCache } from "./build.ts";
import { compileFile, expressionOf, withLock, type SpecOptions, type Compiled } from "./compile.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { evaluateImage, onlyAttribute, type ImageWork } from "./evaluate-image.ts";
import { planTogether } from "./plan-together.ts";
import type { Context } from "./reporter.ts";
import { withBases } from "./prefetch.ts";

export async function buildDigests(
  file: string,
  options: SpecOptions,
  { reporter, signal }: Context,
): Promise<ImageDirectory[]> {
  let compiled = compileFile(file, options, reporter);
  onlyAttribute(compiled);
  requireOnePlatform(compiled);
  using cache = await openCache(file, compiled, options, reporter);
  const onEvent = (event: NixEvent) => {
    cache.on(event);
    reporter.event(event);
  };
  const note = (line: string) => reporter.line(line);
  try {
    if (compiled.spec.images.length > 1) {
      // Plan the image together with the other images of the file, as a build of the whole file does.
      const { image: _, ...others } = options;
      const whole = compileFile(file, others, { ...reporter, diagnostics: () => {} });
      const context = { settings: cache.options, root: cache.root, signal, note, onEvent };
      compiled = withLock(compiled, await planTogether(whole, context));
    }
    const work: ImageWork = { compiled, settings: cache.options, options: { signal, onEvent } };
    const paths = (await fetched(work)) ?? (await built(work, note));
    if (cache.copies) await cache.finish(await used(work));
    return paths.map((path) => readDigests(cache.root + path));
  } catch (error) {
    throw await explainBuild(error, { compiled, options: cache.options, signal, reporter });
  }
}

/** Nix code: the paths of the digests files, in the order of the index. */
const DIGESTS = `image: map (each: each.outPath) (if builtins.isList image.digests then image.digests else [ image.digests ])`;

/** Fetches the digests files without building; undefined if one of them is neither in the store nor in a cache. */
async function fetched(work: ImageWork): Promise<string[] | undefined> {
  const { compiled, settings, options } = work;
  const expression = expressionOf(compiled);
  const noBuilds = ["--no-link", "--max-jobs", "0", ...settings];
  try {
    await nixBuild({ expression, attributes: [onlyAttribute(compiled, "evaluated")], options: noBuilds, ...options });
    const paths = Strings.parse(await evaluateImage(work, DIGESTS));
    await nixCommand(["build", ...noBuilds, ...paths], options);
    return paths;
  } catch (error) {
    if (error instanceof BuildFailure) return undefined;
    throw error;
  }
}

async function built(work: ImageWork, note: (line: string) => void): Promise<string[]> {
  const { compiled, settings, options } = work;
  const { spec } = compiled;
  const expression = expressionOf(compiled);
  const attributes = [onlyAttribute(compiled, "digests")];
  const build = () => nixBuild({ expression, attributes, options: ["--no-link", ...settings], ...options });
  const { lock } = compiled.options;
  const { outputs } = await withBases(build, { spec, lock, options: settings, note, signal: options.signal });
  return outputs.length === 1 ? outputs : Strings.parse(await evaluateImage(work, DIGESTS));
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
