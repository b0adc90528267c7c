/** `imgc compile`: writes the expression to standard output, to a file, or into a flake with all its inputs. */
import { basename, dirname, relative, resolve } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import { hookText } from "../../cache/post-build-hook.ts";
import { cachePolicies, substituter, targets, type CachePolicy } from "../../cache/policy.ts";
import { compileFlake, compilePortable, type CompileOptions, type FlakeCaches } from "../../compile/index.ts";
import type { Spec } from "../../language/index.ts";
import { printableLine } from "../../util/printable.ts";
import { writeFlake } from "../../app/flake.ts";
import { compileFile, wantedImages, type SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { replaceText } from "../../util/text-files.ts";
import { terminalReporter } from "../terminal/reporter.ts";

export interface CompileCommandOptions extends SpecOptions {
  output?: string;
  /** A folder for a flake. */
  flake?: string;
}

export function compile(file: string, options: CompileCommandOptions): void {
  if (options.flake !== undefined && options.output !== undefined)
    throw new ImgcError(EXIT.usage, "--flake and --output exclude each other");
  using reporter = terminalReporter();
  const { spec, options: compileOptions, expression } = compileFile(file, options, reporter);
  if (options.flake !== undefined) {
    const policies = cachePolicies(spec, compileOptions.directory, wantedImages(options));
    writeFlake(compileFlake(spec, compileOptions, caches(policies)), options.flake);
    flakeNotes(policies).forEach((note) => process.stderr.write(`imgc: ${printableLine(note)}\n`));
    return;
  }
  if (spec.images.some(({ cache }) => cache.store ?? cache.binaryCache ?? cache.push)) {
    // A Nix expression cannot choose the store in which it is built.
    process.stderr.write(
      "imgc: the expression ignores store, binary-cache and push of `cache`; use `imgc build` for them\n",
    );
  }
  if (options.output === undefined) process.stdout.write(expression);
  else writePortable(file, options.output, spec, compileOptions);
}

/** Writes a file that can be committed: paths are relative, and imgc is looked up as `<imgc>`. */
function writePortable(file: string, output: string, spec: Spec, options: CompileOptions): void {
  const directory = dirname(resolve(output));
  const { text, outside } = compilePortable(spec, options, {
    directory,
    name: basename(output),
    spec: relative(directory, resolve(file)),
    version: manifest.version,
  });
  replaceText(output, text);
  for (const path of outside) {
    const message = `${output} has the absolute path ${path}, which other machines may lack`;
    process.stderr.write(`imgc: ${printableLine(message)}\n`);
  }
}

function caches(policies: CachePolicy[]): FlakeCaches {
  const copiedTo = [...new Set(policies.flatMap(targets))];
  const substituters = policies.flatMap(({ binaryCache, push }) => [
    ...(binaryCache === null ? [] : [substituter(binaryCache)]),
    ...(push === null ? [] : [push]),
  ]);
  return {
    substituters: [...new Set(substituters)],
    hook: copiedTo.length === 0 ? undefined : hookText(copiedTo, null),
  };
}

/** Notes on the `cache` settings that a flake cannot apply alone. */
function flakeNotes(policies: CachePolicy[]): string[] {
  const [store] = policies.flatMap((policy) => policy.store ?? []);
  const pruned = policies.some(({ binaryCache }) => (binaryCache?.keep ?? binaryCache?.maxSize ?? null) !== null);
  return [
    ...(policies.some((policy) => targets(policy).length > 0)
      ? ["to use the caches, build the flake with `nix build --accept-flake-config`, as a trusted user of Nix"]
      : []),
    ...(store === undefined ? [] : [`a flake cannot set \`store\`; build it with \`nix build --store ${store}\``]),
    ...(pruned ? ["builds of the flake ignore `keep` and `max-size`; use `imgc build` to prune the cache"] : []),
  ];
}
