/** `imgc compile`: the expression goes to standard output or a file, or with all it needs into a folder that is a flake. */
import { basename, dirname, relative, resolve } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import { hookText } from "../../cache/post-build-hook.ts";
import { cachePolicies, substituter, targets, type CachePolicy } from "../../cache/policy.ts";
import { compileFlake, compileKept, type CompileOptions, type FlakeCaches } from "../../compile/index.ts";
import type { Spec } from "../../language/index.ts";
import { printableLine } from "../../util/printable.ts";
import { writeFlake } from "../../app/flake.ts";
import { compileFile, wantedImages, type CompileFlags } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { replaceText } from "../../util/text-files.ts";

export interface CompileCommand extends CompileFlags {
  output?: string;
  /** A folder for a flake. */
  flake?: string;
}

export function compile(file: string, flags: CompileCommand): void {
  if (flags.flake !== undefined && flags.output !== undefined)
    throw new ImgcError(EXIT.usage, "--flake names a folder and --output a file; give one of them");
  const { spec, options, expression } = compileFile(file, flags);
  if (flags.flake !== undefined) {
    const policies = cachePolicies(spec, options.directory, wantedImages(flags));
    writeFlake(compileFlake(spec, options, caches(policies)), flags.flake);
    flakeNotes(policies).forEach((note) => process.stderr.write(`imgc: ${printableLine(note)}\n`));
    return;
  }
  if (spec.images.some(({ cache }) => cache.store ?? cache.binaryCache ?? cache.push)) {
    // An expression cannot say where it is built.
    process.stderr.write(
      "imgc: `cache` with a store, binary-cache or push is what `imgc build` does, not the expression\n",
    );
  }
  if (flags.output === undefined) process.stdout.write(expression);
  else writeKept(file, flags.output, spec, options);
}

/** The file can be committed: paths are relative, and imgc is looked up as `<imgc>`. */
function writeKept(file: string, output: string, spec: Spec, options: CompileOptions): void {
  const directory = dirname(resolve(output));
  const { text, outside } = compileKept(spec, options, {
    directory,
    name: basename(output),
    spec: relative(directory, resolve(file)),
    version: manifest.version,
  });
  replaceText(output, text);
  for (const path of outside) {
    const message = `${output} names ${path}, which may be elsewhere on another machine`;
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

/** What of `cache` a flake does not do by itself. */
function flakeNotes(policies: CachePolicy[]): string[] {
  const [store] = policies.flatMap((policy) => policy.store ?? []);
  const pruned = policies.some(({ binaryCache }) => (binaryCache?.keep ?? binaryCache?.maxSize ?? null) !== null);
  return [
    ...(policies.some((policy) => targets(policy).length > 0)
      ? [
          "the flake's nixConfig reads and fills the caches for whoever accepts it: `nix build --accept-flake-config`, " +
            "as a user that Nix trusts",
        ]
      : []),
    ...(store === undefined ? [] : [`a flake cannot say \`store\`: \`nix build --store ${store}\` does`]),
    ...(pruned
      ? ["`keep` and `max-size` are what `imgc build` does; nothing is taken out after a flake is built"]
      : []),
  ];
}
