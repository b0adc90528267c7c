/** Spec -> a folder that is a flake: the expression, and every file it names beside it. Reads and writes nothing. */
import { resolve } from "node:path";
import type { Spec } from "../language/schema/spec.ts";
import type { CopyRules } from "../ignore/copied.ts";
import type { Beside } from "./image.ts";
import { attributes, lower, withDefaults } from "./expression.ts";
import { written } from "./nix-paths.ts";
import { applied, imported, optionBindings } from "./package-set.ts";
import { printNix } from "./print.ts";
import { relocate } from "./relocate.ts";
import { bind, call, name, select, string, type Nix } from "./nix-syntax.ts";
import { entryOf } from "../lock/entry.ts";
import type { CompileOptions } from "./options.ts";

/** First line of a flake that may be written again. */
export const FLAKE_MARK = "# Made by `imgc compile --flake`, which writes it anew each time.";

export interface Flake {
  /** Texts by their name in the folder. */
  files: ReadonlyMap<string, string>;
  /** The copies to make, by name in the flake's folder. */
  copies: ReadonlyMap<string, FlakeCopy>;
}

export interface FlakeCopy {
  from: string;
  /** The rules that select a folder's files; undefined copies all. */
  rules: CopyRules | undefined;
}

/** What `cache` makes of a build, as far as a flake can say it. */
export interface FlakeCaches {
  /** Stores that builds read from. */
  substituters: string[];
  /** The text of a post-build hook that fills stores. */
  hook: string | undefined;
}

const HOOK = "imgc/copy-results";

export function compileFlake(spec: Spec, options: CompileOptions, caches: FlakeCaches): Flake {
  const copies = new Map<string, FlakeCopy>();
  const names = new Map<string, string>();
  // A flake sees nothing but its own folder.
  const beside: Beside = (path, rules) => {
    const key = JSON.stringify([path, rules]);
    const base = path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^\w.+-]/g, "-");
    const to = names.get(key) ?? `sources/${copies.size + 1}-${base}`;
    names.set(key, to);
    copies.set(to, { from: path, rules });
    return { kind: "relative", path: to };
  };
  const ofCode = (path: string) => beside(path, { exclude: [], all: false, within: options.directory });
  const lowered = lower(spec, options, beside);
  const functions = call(name("import"), { kind: "relative", path: "imgc/nix" });
  const { parameters, body } = withDefaults(lowered, {
    pkgs: imported({ kind: "lookup", name: "nixpkgs" }, []),
    imgc: call(functions, { kind: "inherit", name: "pkgs" }),
  });
  return {
    files: new Map([
      ["flake.nix", flakeText(spec, options, caches, ofCode)],
      ...(caches.hook === undefined ? [] : [[HOOK, caches.hook] as const]),
      ["image.nix", printNix({ kind: "function", parameters, body: relocate(body, ofCode) })],
    ]),
    copies,
  };
}

function flakeText(spec: Spec, options: CompileOptions, caches: FlakeCaches, beside: (path: string) => Nix): string {
  const own = options.nixpkgs === undefined ? spec.nixpkgs.place : null;
  const code = own !== null && "nix" in own ? written(own) : undefined;
  const said = optionBindings(spec.nixpkgs);
  const bindings = [bind("system", name("system")), ...said];
  const bare = said.length === 0 && code !== undefined;
  const input = imported(select(name("inputs"), "nixpkgs"), bindings);
  const set = bare ? code : code === undefined ? input : applied(code, bindings);
  const pkgs = printNix(relocate(set, beside)).trim();
  const several = attributes(spec, options);
  const last = several.at(-1) ?? "";
  const built = "image system { }";
  return `${FLAKE_MARK}
{
${code === undefined ? `  inputs.nixpkgs = {\n    url = ${printNix(string(inputUrl(own, options))).trim()};\n    flake = false;\n  };\n` : ""}${nixConfig(caches)}
  outputs =
    inputs:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      each = make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) systems);
      # Arguments are the parameters of the description.
      image =
        system: arguments:
        import ./image.nix ({ pkgs = ${pkgs}; } // arguments);
    in
    {
      packages = each (system: ${last === "" ? `{ default = ${built}; }` : `${built} // { default = (${built}).${last}; }`});
      lib = { inherit image; };
    };
}
`;
}

function nixConfig({ substituters, hook }: FlakeCaches): string {
  const stores = substituters.map((store) => printNix(string(store)).trim());
  const settings = [
    ...(stores.length === 0 ? [] : [`extra-substituters = [ ${stores.join(" ")} ];`]),
    // Nix copies the file, so it may run after the folder is gone.
    ...(hook === undefined ? [] : [`post-build-hook = ./${HOOK};`]),
  ];
  return settings.map((setting) => `  nixConfig.${setting}\n`).join("");
}

/** The package set as the input of a flake; what is pinned stays so. */
function inputUrl(own: Spec["nixpkgs"]["place"], { nixpkgs, lock, directory }: CompileOptions): string {
  if (nixpkgs !== undefined) return `path:${nixpkgs}`;
  if (own === null || "nix" in own) return "nixpkgs";
  if ("path" in own) return `path:${own.path}`;
  const pinned = entryOf(lock.nixpkgs, own.flake);
  if (pinned?.fetch === "tarball") return pinned.url;
  if (pinned?.fetch === "git") return `git+${pinned.url}?rev=${pinned.rev}`;
  return pinned === undefined ? own.flake : `path:${resolve(directory, pinned.path)}`;
}
