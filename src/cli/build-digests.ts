/**
 * A spec's digests, with as few store paths as can be. On a machine that has only a binary cache, what evaluation reads
 * is fetched first, then the file of digests itself: neither refers to a store path. Where the cache lacks any of it, the
 * image is built.
 */
import { readDigests } from "../image/digests-file.ts";
import type { ImageDirectory } from "../image/read.ts";
import { BuildFailure, nixBuild, nixCommand, type NixOptions } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import { BuildProgress } from "./build-progress.ts";
import { explainBuild, openCache } from "./build-spec.ts";
import { compileFile, type CompileFlags, type Compiled } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { orFinding } from "./open-image.ts";

export async function buildDigests(file: string, flags: CompileFlags, signal: AbortSignal): Promise<ImageDirectory> {
  const compiled = compileFile(file, flags);
  const progress = new BuildProgress(process.stderr);
  const cache = openCache(file, compiled, flags, (message) => progress.line(message));
  const onEvent = (event: NixEvent) => {
    cache.on(event);
    progress.on(event);
  };
  const work: Work = { compiled, settings: cache.options, options: { signal, onEvent } };
  try {
    const path = (await fetched(work)) ?? (await built(work));
    return orFinding(() => readDigests(cache.root + path));
  } catch (error) {
    throw explainBuild(error, signal);
  } finally {
    cache.close(false);
    progress.end();
  }
}

interface Work {
  compiled: Compiled;
  /** Of the cache policy, for every command. */
  settings: string[];
  options: NixOptions;
}

/** Undefined where something is not in the store and in no cache. */
async function fetched({ compiled, settings, options }: Work): Promise<string | undefined> {
  const { expression } = compiled;
  const noBuilds = ["--no-link", "--max-jobs", "0", ...settings];
  try {
    await nixBuild({ expression, attributes: [attribute(compiled, "evaluated")], options: noBuilds, ...options });
    const wanted = ["--raw", "-f", "-", attribute(compiled, "digests.outPath")];
    const args = ["eval", "--read-only", ...settings, ...wanted];
    const { stdout: path } = await nixCommand(args, { ...options, input: expression });
    await nixCommand(["build", ...noBuilds, path], options);
    return path;
  } catch (error) {
    if (error instanceof BuildFailure) return undefined;
    throw error;
  }
}

async function built({ compiled, settings, options }: Work): Promise<string> {
  const { expression } = compiled;
  const attributes = [attribute(compiled, "digests")];
  const { outputs } = await nixBuild({ expression, attributes, options: ["--no-link", ...settings], ...options });
  return outputs[0] as string;
}

function attribute({ attributes, spec, options }: Compiled, name: string): string {
  const [only = "", ...others] = attributes;
  const wanted = options.image ?? spec.images.at(-1)?.name;
  const several = spec.images.find((image) => image.name === wanted && image.platforms.length > 1);
  if (several !== undefined && others.length === 0) {
    const message = `${several.name} is for several platforms: \`imgc build\` it, and push the result`;
    throw new UserError(EXIT.usage, message);
  }
  if (others.length > 0) {
    const names = spec.images.map((image) => image.name).join(", ");
    throw new UserError(EXIT.usage, `which image is meant? Say one of ${names} with --image`);
  }
  return only === "" ? name : `${only}.${name}`;
}
