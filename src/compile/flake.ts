/** Plans the folder of a flake for a spec: its texts, and the files to copy into it. Reads and writes nothing. */
import type { Spec } from "../language/schema/spec.ts";
import type { CopyRules } from "../ignore/copied.ts";
import { FLAKE_MARK } from "../ignore/flake-mark.ts";
import type { PlaceCopy } from "./image.ts";
import { attributes, specNix, withDefaults } from "./expression.ts";
import { userCode } from "./nix-paths.ts";
import { applied, imported, optionBindings } from "./package-set.ts";
import { printNix } from "./print.ts";
import { relocate } from "./relocate.ts";
import { bind, call, name, select, string, type Nix } from "./nix-syntax.ts";
import type { CompileOptions } from "./options.ts";
import { entryOf } from "../lock/pins.ts";
import { resolveIn } from "../util/absolute-path.ts";

/** The first line of a generated flake.nix: only such a file is overwritten. */
export const FLAKE_HEAD = `${FLAKE_MARK} which writes it anew each time.`;

export interface Flake {
  /** The texts of generated files, by file name in the folder. */
  files: ReadonlyMap<string, string>;
  /** Files and folders to copy, by their new name in the folder. */
  copies: ReadonlyMap<string, FlakeCopy>;
}

export interface FlakeCopy {
  from: string;
  /** The rules that select a folder's files; undefined copies all. */
  rules: CopyRules | undefined;
}

/** The `cache` settings that a flake can express. */
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
  // A flake can read only its own folder, so every file outside is copied into it.
  const placeCopy: PlaceCopy = (path, rules) => {
    const key = JSON.stringify([path, rules]);
    const base = path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^\w.+-]/g, "-");
    const to = names.get(key) ?? `sources/${copies.size + 1}-${base}`;
    names.set(key, to);
    copies.set(to, { from: path, rules });
    return { kind: "relative", path: to };
  };
  const placeCode = (path: string) => placeCopy(path, { exclude: [], all: false, within: options.directory });
  const whole = specNix(spec, options, placeCopy);
  const functions = call(name("import"), { kind: "relative", path: "imgc/nix" });
  const { parameters, body } = withDefaults(whole, {
    pkgs: imported({ kind: "lookup", name: "nixpkgs" }, []),
    imgc: call(functions, { kind: "inherit", name: "pkgs" }),
  });
  return {
    files: new Map([
      ["flake.nix", flakeText(spec, options, caches, placeCode)],
      ...(caches.hook === undefined ? [] : [[HOOK, caches.hook] as const]),
      ["image.nix", printNix({ kind: "function", parameters, body: relocate(body, placeCode) })],
    ]),
    copies,
  };
}

function flakeText(spec: Spec, options: CompileOptions, caches: FlakeCaches, placeCode: (path: string) => Nix): string {
  const place = options.nixpkgs === undefined ? spec.nixpkgs.place : null;
  const code = place !== null && "nix" in place ? userCode(place) : undefined;
  const setOptions = optionBindings(spec.nixpkgs);
  const bindings = [bind("system", name("system")), ...setOptions];
  const bare = setOptions.length === 0 && code !== undefined;
  const input = imported(select(name("inputs"), "nixpkgs"), bindings);
  const set = bare ? code : code === undefined ? input : applied(code, bindings);
  const pkgs = printNix(relocate(set, placeCode)).trim();
  const several = attributes(spec, options);
  const last = several.at(-1) ?? "";
  const built = "image system { }";
  return `${FLAKE_HEAD}
{
${code === undefined ? `  inputs.nixpkgs = {\n    url = ${printNix(string(inputUrl(place, options))).trim()};\n    flake = false;\n  };\n` : ""}${nixConfig(caches)}
  outputs =
    inputs:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      each = make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) systems);
      # The attributes of "arguments" set the parameters of the description.
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
    // A path literal: Nix copies the hook to the store, so it still runs after the folder is deleted.
    ...(hook === undefined ? [] : [`post-build-hook = ./${HOOK};`]),
  ];
  return settings.map((setting) => `  nixConfig.${setting}\n`).join("");
}

/** The package set as the URL of a flake input, pinned as in the lock file. */
function inputUrl(place: Spec["nixpkgs"]["place"], { nixpkgs, lock, directory }: CompileOptions): string {
  if (nixpkgs !== undefined) return `path:${nixpkgs}`;
  if (place === null || "nix" in place) return "nixpkgs";
  if ("path" in place) return `path:${place.path}`;
  const pinned = entryOf(lock.nixpkgs, place.flake);
  if (pinned?.fetch === "tarball") return pinned.url;
  if (pinned?.fetch === "git") return `git+${pinned.url}?rev=${pinned.rev}`;
  return pinned === undefined ? place.flake : `path:${resolveIn(directory, pinned.path)}`;
}
