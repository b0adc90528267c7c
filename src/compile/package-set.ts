/** Lowers the `nixpkgs` setting of a spec: the place of the package set, and its options as arguments of nixpkgs. */
import type { PackageSetOptions, Spec } from "../language/index.ts";
import { userCode } from "./nix-paths.ts";
import { bind, call, list, name, select, set, string, type Binding, type Nix } from "./nix-syntax.ts";
import type { CompileOptions } from "./options.ts";
import { type PinnedNixpkgs, entryOf } from "../lock/pins.ts";
import { resolveIn } from "../util/absolute-path.ts";

/** The package set of a spec. `more`: further arguments of the set. */
export function packageSet({ nixpkgs }: Pick<Spec, "nixpkgs">, options: CompileOptions, more: Binding[] = []): Nix {
  const { place } = nixpkgs;
  const bindings = [...more, ...optionBindings(nixpkgs)];
  if (options.nixpkgs !== undefined) return imported({ kind: "path", path: options.nixpkgs }, bindings);
  if (place === null) return imported({ kind: "lookup", name: "nixpkgs" }, bindings);
  if ("nix" in place) return bindings.length === 0 ? userCode(place) : applied(userCode(place), bindings);
  if ("path" in place) return imported({ kind: "path", path: place.path }, bindings);
  const pinned = entryOf(options.lock.nixpkgs, place.flake);
  return imported(
    pinned === undefined ? { kind: "lookup", name: "nixpkgs" } : fetched(pinned, options.directory),
    bindings,
  );
}

/** `import from { … }` */
export function imported(from: Nix, bindings: Binding[]): Nix {
  return call(call(name("import"), from), { kind: "set", bindings });
}

/** Applies options to the package set of `nixpkgs nix ''…''`, whose code is a function or a path to a function. */
export function applied(code: Nix, bindings: Binding[]): Nix {
  const from = name("from");
  const advice =
    "imgc: the code of `nixpkgs nix ''…''` is a package set, which takes no options: " +
    "write a function of the options or a path, such as `import ./set.nix`";
  const place: Nix = {
    kind: "if",
    condition: call(builtin("isAttrs"), from),
    yes: call(name("throw"), string(advice)),
    no: from,
  };
  const make: Nix = {
    kind: "if",
    condition: call(builtin("isFunction"), from),
    yes: from,
    no: call(name("import"), { ...select(from, "outPath"), default: place }),
  };
  return { kind: "let", bindings: [bind("from", code)], body: call(make, { kind: "set", bindings }) };
}

/** The arguments `config` and `overlays` of nixpkgs; an argument that the spec does not need is left out. */
export function optionBindings({ allowUnfree, allowInsecure, overlays, config }: PackageSetOptions): Binding[] {
  const fromOptions = set({
    allowUnfree: allowUnfree === "all" ? name("true") : undefined,
    allowUnfreePredicate: allowUnfree === "all" || allowUnfree.length === 0 ? undefined : isNamed(allowUnfree),
    permittedInsecurePackages: allowInsecure.length === 0 ? undefined : list(allowInsecure.map((each) => string(each))),
  });
  const isEmpty = fromOptions.bindings.length === 0;
  const whole = config && userCode(config);
  const both: Nix | null = whole === null ? fromOptions : isEmpty ? whole : merged(whole, fromOptions);
  return [
    ...(config === null && isEmpty ? [] : [bind("config", both)]),
    ...(overlays.length === 0 ? [] : [bind("overlays", list(overlays.map(overlayNix)))]),
  ];
}

/** Merges the user's `config`, which may be a function of `{ pkgs }`, with the attributes of the options. */
function merged(config: Nix, own: Nix): Nix {
  const update = (left: Nix): Nix => ({ kind: "update", left, right: name("own") });
  const body: Nix = {
    kind: "if",
    condition: call(builtin("isFunction"), name("config")),
    yes: { kind: "lambda", argument: "args", body: update(call(name("config"), name("args"))) },
    no: update(name("config")),
  };
  const merge: Nix = { kind: "lambda", argument: "config", body: { kind: "lambda", argument: "own", body } };
  return call(call(merge, config), own);
}

function overlayNix(overlay: PackageSetOptions["overlays"][number]): Nix {
  return "path" in overlay ? call(name("import"), { kind: "path", path: overlay.path }) : userCode(overlay);
}

/** A Nix predicate: the package has one of the names, compared as `lib.getName` of nixpkgs does. */
function isNamed(names: string[]): Nix {
  const argument = name("package");
  const parsed = select(call(builtin("parseDrvName"), select(argument, "name")), "name");
  const packageName: Nix = { ...select(argument, "pname"), default: parsed };
  return {
    kind: "lambda",
    argument: "package",
    body: call(call(builtin("elem"), packageName), list(names.map((each) => string(each)))),
  };
}

/** Fetches the pinned set with functions that Nix 2.8 has. */
function fetched(pinned: PinnedNixpkgs, directory: string): Nix {
  switch (pinned.fetch) {
    case "tarball":
      return call(builtin("fetchTarball"), set({ url: string(pinned.url), sha256: string(pinned.narHash) }));
    case "git": {
      const { url, rev } = pinned;
      return call(builtin("fetchGit"), set({ url: string(url), rev: string(rev), allRefs: name("true") }));
    }
    case "path": {
      const path: Nix = { kind: "path", path: resolveIn(directory, pinned.path) };
      return call(builtin("path"), set({ path, name: string("source"), sha256: string(pinned.narHash) }));
    }
  }
}

function builtin(text: string): Nix {
  return select(name("builtins"), text);
}
