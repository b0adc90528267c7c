/**
 * A spec's digests, with as few store paths as can be. On a machine that has only a binary cache, what evaluation reads
 * is fetched first, then the file of digests itself: neither refers to a store path. Where the cache lacks any of it, the
 * image is built.
 */
import { readDigests } from "../image/digests-file.ts";
import type { ImageDirectory } from "../image/read.ts";
import { BuildFailure, nixBuild, nixCommand } from "../nix/build.ts";
import { BuildProgress } from "./build-progress.ts";
import { explainBuild } from "./build-spec.ts";
import { compileFile, type CompileFlags, type Compiled } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { orFinding } from "./open-image.ts";

export async function buildDigests(file: string, flags: CompileFlags, signal: AbortSignal): Promise<ImageDirectory> {
  const compiled = compileFile(file, flags);
  const progress = new BuildProgress(process.stderr);
  const options = { signal, onEvent: progress.on };
  try {
    const path = (await fetched(compiled, options)) ?? (await built(compiled, options));
    return orFinding(() => readDigests(path));
  } catch (error) {
    throw explainBuild(error, signal);
  } finally {
    progress.end();
  }
}

type Options = Parameters<typeof nixCommand>[1];

/** Undefined where something is not in the store and in no cache. */
async function fetched(compiled: Compiled, options: Options): Promise<string | undefined> {
  const { expression } = compiled;
  try {
    await nixBuild({
      expression,
      attributes: [attribute(compiled, "evaluated")],
      options: ["--no-link", "--max-jobs", "0"],
      ...options,
    });
    const args = ["eval", "--read-only", "--raw", "-f", "-", attribute(compiled, "digests.outPath")];
    const { stdout: path } = await nixCommand(args, { ...options, input: expression });
    await nixCommand(["build", "--no-link", "--max-jobs", "0", path], options);
    return path;
  } catch (error) {
    if (error instanceof BuildFailure) return undefined;
    throw error;
  }
}

async function built(compiled: Compiled, options: Options): Promise<string> {
  const { expression } = compiled;
  const attributes = [attribute(compiled, "digests")];
  const { outputs } = await nixBuild({ expression, attributes, options: ["--no-link"], ...options });
  return outputs[0] as string;
}

function attribute({ attributes, spec }: Compiled, name: string): string {
  const [only = "", ...others] = attributes;
  if (others.length > 0) {
    const names = spec.images.map((image) => image.name).join(", ");
    throw new UserError(EXIT.usage, `which image is meant? Say one of ${names} with --image`);
  }
  return only === "" ? name : `${only}.${name}`;
}
