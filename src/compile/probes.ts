/** Compiles an expression that evaluates parts of a spec separately (nix/probe.nix). */
import type { Package, Spec } from "../language/schema/spec.ts";
import { parametersOf } from "./expression.ts";
import { userCode } from "./nix-paths.ts";
import { printNix } from "./print.ts";
import { bind, call, integer, list, name, select, set, string, type Nix } from "./nix-syntax.ts";
import type { CompileOptions } from "./options.ts";
import { resolveIn } from "../util/absolute-path.ts";

/** The platform of the build machine's package set. */
export const HOST = "host";

export interface Probe {
  id: number;
  /** The platform of the package set, as in the spec, or `HOST`. */
  platform: string;
  /** The package or expression; null for the package set itself. */
  value: Package | null;
  /** A further part of a package to evaluate: its store path, or its inputs, to find an input that fails. */
  force: "path" | "inputs" | null;
}

/** A function that returns a list of probes for each platform, as an attribute named after the platform. */
export function compileProbes(spec: Spec, options: CompileOptions, probes: readonly Probe[]): string {
  const platforms = [...new Set(probes.map(({ platform }) => platform))];
  const bindings = platforms.map((platform) => {
    const inside = list(probes.filter((probe) => probe.platform === platform).map(probeNix));
    return bind(platform, call(call(name("import"), functionPath(options, "probe.nix")), withSet(platform, inside)));
  });
  const body: Nix = { kind: "set", bindings };
  return printNix({ kind: "function", parameters: parametersOf(spec, options), body });
}

function functionPath({ functions }: CompileOptions, file: string): Nix {
  return { kind: "path", path: resolveIn(functions, file) };
}

/** Binds `pkgs` in `probes` to the platform's package set, by means of `imgc.platforms`. */
function withSet(platform: string, probes: Nix): Nix {
  if (platform === HOST) return probes;
  const make: Nix = { kind: "function", parameters: [{ name: "pkgs" }, { name: "imgc" }], body: probes };
  return call(call(select(name("imgc"), "platforms"), list([string(platform)])), make);
}

function probeNix({ id, value, force }: Probe): Nix {
  const pkgs = name("pkgs");
  const target =
    value === null
      ? { value: pkgs }
      : "nix" in value
        ? { value: userCode(value, "pkgs") }
        : { set: pkgs, path: list(value.attribute.map((part) => string(part))) };
  return set({ id: integer(id), force: force === null ? name("null") : string(force), ...target });
}
