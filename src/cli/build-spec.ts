/** Builds a spec's images with Nix, with progress on standard error: `imgc build`, and what builds before it works. */
import { dirname, join, resolve } from "node:path";
import { cachePolicy } from "../cache/policy.ts";
import { CacheSession } from "../cache/session.ts";
import { isIndexDirectory, partsOf } from "../image/index-directory.ts";
import { ImageError, isImageDirectory, readImageDirectory, type ImageDirectory } from "../image/read.ts";
import { BuildFailure, nixBuild, type BuildRequest, type BuiltDerivation } from "../nix/build.ts";
import { ToolError } from "../tool/run.ts";
import { BuildProgress } from "./build-progress.ts";
import { orUsage } from "./cache-settings.ts";
import { compileFile, type BasePlace, type CompileFlags, type Compiled } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { ResultLinks } from "./result-links.ts";
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
  /** What stands before store paths on this machine: the folder of `cache { store … }`, or "". */
  root: string;
}

/** Derivations that fetch and read a base (nix/base.nix, nix/blob.nix). */
const BASE_DERIVATIONS = new Set(["base", "imgc-blob"]);

export async function buildSpec(file: string, flags: BuildFlags): Promise<BuiltSpec> {
  const compiled = compileFile(file, flags);
  const {
    spec,
    options: { lock },
    expression,
    attributes,
  } = compiled;
  const logs = flags.nix?.some((option) => option === "-L" || option === "--print-build-logs") ?? false;
  const progress = new BuildProgress(process.stderr, { logs });
  const cache = openCache(file, compiled, flags, (message) => progress.line(message));
  const options = [...cache.options, ...(flags.nix ?? [])];
  const build = async (wanted: string[], links: string[] = ["--no-link"]) =>
    await orExplained(
      {
        expression,
        attributes: wanted.filter((each) => each !== ""),
        options: [...links, ...options],
        signal: flags.signal,
        onEvent: (event) => {
          cache.on(event);
          progress.on(event);
        },
      },
      flags.signal,
      compiled.bases,
    );
  const parts = (name: string) => attributes.map((each) => (each === "" ? name : `${each}.${name}`));
  try {
    const links = new ResultLinks(flags.outLink, cache.root);
    const { outputs, built } = await withCredentials(() => build(attributes, links.options), {
      spec,
      lock,
      options,
      note: (line) => progress.line(line),
    });
    links.finish(outputs);
    // What describes an image is its directory, whatever form the spec wants it in.
    const isRaw = outputs.every((path) => isImageDirectory(cache.root + path) || isIndexDirectory(cache.root + path));
    const described = isRaw ? { outputs, built: [] } : await build(parts("image"));
    if (cache.copies) {
      const beside = await build(parts("reusable"));
      await cache.finish([...new Set([...outputs, ...described.outputs, ...beside.outputs])]);
    }
    const images = described.outputs.flatMap((path, i) =>
      partsOf(cache.root + path).map((part) => ({
        output: cache.root + (outputs[i] as string),
        image: readBuilt(part),
      })),
    );
    return { images, built: [...built, ...described.built], root: cache.root };
  } finally {
    cache.close();
    progress.end();
  }
}

/** What the spec's `cache` settings make of a build. */
export function openCache(
  file: string,
  { spec }: Compiled,
  flags: CompileFlags,
  note: (message: string) => void,
): CacheSession {
  const policy = orUsage(() => cachePolicy(spec, dirname(resolve(file)), flags.image));
  try {
    return new CacheSession(policy, note);
  } catch (error) {
    throw error instanceof ToolError ? new UserError(EXIT.environment, error.message) : error;
  }
}

async function orExplained(request: BuildRequest, signal: AbortSignal | undefined, bases: BasePlace[]) {
  try {
    return await nixBuild(request);
  } catch (error) {
    throw explainBuild(error, signal, bases);
  }
}

/** Why a build did not come to its end, as the command line says it; what is wrong with a base, at the base's place. */
export function explainBuild(error: unknown, signal: AbortSignal | undefined, bases: BasePlace[] = []): unknown {
  if (signal?.reason instanceof Interrupted) return new UserError(signal.reason.code, "interrupted");
  if (error instanceof BuildFailure) {
    const { finding, message, derivations, subject } = error;
    const meant = bases.filter(({ name }, _, { length }) => length === 1 || message.includes(name));
    const isBase =
      subject === "base" || (derivations.length > 0 && derivations.every((name) => BASE_DERIVATIONS.has(name)));
    const places = isBase ? meant.map(({ where }) => `${where}: `) : [];
    return new UserError(finding ? EXIT.findings : EXIT.environment, places.join("") + message + whereFrom(message));
  }
  return error instanceof ToolError ? new UserError(EXIT.environment, error.message) : error;
}

/** Nix read the expression from standard input, where nobody can look it up. */
function whereFrom(message: string): string {
  if (!message.includes("«stdin»")) return "";
  return (
    "\n(«stdin» is what `imgc compile FILE` prints; " +
    "`imgc check --packages FILE` shows a package that is not there at its place)"
  );
}

function readBuilt(path: string): ImageDirectory {
  try {
    return readImageDirectory(path);
  } catch (error) {
    const hint = `it was built, but cannot be read (${join(path, "image.json")})`;
    throw error instanceof ImageError ? new UserError(EXIT.environment, `${error.message}; ${hint}`) : error;
  }
}
