/** Builds a spec's images with Nix, with progress on standard error: `imgc build`, and what builds before it works. */
import { join } from "node:path";
import { ImageError, isImageDirectory, readImageDirectory, type ImageDirectory } from "../image/read.ts";
import { BuildFailure, nixBuild, type BuildRequest, type BuiltDerivation } from "../nix/build.ts";
import { ToolError } from "../tool/run.ts";
import { BuildProgress } from "./build-progress.ts";
import { compileFile, type CompileFlags } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { Interrupted } from "./interrupt.ts";
import { withCredentials } from "./prefetch.ts";

export interface BuildFlags extends CompileFlags {
  /** Links to the outputs are named so, with a number behind it from the second; null: no links. */
  outLink: string | null;
  /** Options for `nix build`. */
  nix?: string[];
  signal?: AbortSignal;
}

export interface BuiltImage {
  /** The output that the spec asks for. */
  output: string;
  image: ImageDirectory;
}

export interface BuiltSpec {
  images: BuiltImage[];
  built: BuiltDerivation[];
}

export async function buildSpec(file: string, flags: BuildFlags): Promise<BuiltSpec> {
  const { spec, lock, expression, attributes } = compileFile(file, flags);
  const links = flags.outLink === null ? ["--no-link"] : ["--out-link", flags.outLink];
  const progress = new BuildProgress(process.stderr);
  const build = (wanted: string[], options: string[]) =>
    orExplained(
      {
        expression,
        attributes: wanted.filter((each) => each !== ""),
        options,
        signal: flags.signal,
        onEvent: progress.on,
      },
      flags.signal,
    );
  try {
    const options = [...(flags.nix ?? [])];
    const { outputs, built } = await withCredentials(() => build(attributes, [...links, ...options]), {
      spec,
      lock,
      options,
      note: (line) => process.stderr.write(`${line}\n`),
    });
    // What describes an image is its directory, whatever form the spec wants it in.
    const isRaw = outputs.every((path) => isImageDirectory(path));
    const described = isRaw
      ? { outputs, built: [] }
      : await build(
          attributes.map((each) => (each === "" ? "image" : `${each}.image`)),
          ["--no-link", ...options],
        );
    const images = described.outputs.map((path, i) => ({ output: outputs[i] as string, image: readBuilt(path) }));
    return { images, built: [...built, ...described.built] };
  } finally {
    progress.end();
  }
}

async function orExplained(request: BuildRequest, signal: AbortSignal | undefined) {
  try {
    return await nixBuild(request);
  } catch (error) {
    throw explainBuild(error, signal);
  }
}

/** Why a build did not come to its end, as the command line says it. */
export function explainBuild(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.reason instanceof Interrupted) return new UserError(signal.reason.code, "interrupted");
  if (error instanceof BuildFailure)
    return new UserError(error.finding ? EXIT.findings : EXIT.environment, error.message);
  return error instanceof ToolError ? new UserError(EXIT.environment, error.message) : error;
}

function readBuilt(path: string): ImageDirectory {
  try {
    return readImageDirectory(path);
  } catch (error) {
    const hint = `it was built, but cannot be read (${join(path, "image.json")})`;
    throw error instanceof ImageError ? new UserError(EXIT.environment, `${error.message}; ${hint}`) : error;
  }
}
