/** Spec -> an expression to keep in a file and commit, without absolute paths where relative ones are possible. */
import { relative } from "node:path";
import type { Spec } from "../language/schema/spec.ts";
import { lower, withDefaults } from "./expression.ts";
import { printNix } from "./print.ts";
import { relocate } from "./relocate.ts";
import { bind, call, name, select, type Nix, type NixFunction } from "./nix-syntax.ts";
import type { CompileOptions } from "./options.ts";
import { packageSet } from "./package-set.ts";

export interface KeptExpression {
  text: string;
  /** Absolute paths that remain, because they share no parent folder with the spec. */
  outside: string[];
}

export interface KeptFile {
  /** The absolute path of the folder that the file is in. */
  directory: string;
  /** The file's name in that folder, and the spec's. */
  name: string;
  spec: string;
  /** imgc's version. */
  version: string;
}

export function compileKept(spec: Spec, options: CompileOptions, file: KeptFile): KeptExpression {
  const outside = new Set<string>();
  const move = (path: string): Nix => {
    if (topFolder(path) === topFolder(options.directory))
      return { kind: "relative", path: relative(file.directory, path) };
    outside.add(path);
    return { kind: "path", path };
  };
  const functions = call(name("import"), { kind: "lookup", name: "imgc/nix" });
  const imgc = call(functions, { kind: "inherit", name: "pkgs" });
  const lowered = forSystem(spec, options, withDefaults(lower(spec, options), { imgc }));
  return { text: heading(file) + printNix(relocate(lowered, move)), outside: [...outside] };
}

/** Adds the parameter `system` of the package set, unless the spec makes the set or has a `param` of this name. */
function forSystem(spec: Spec, options: CompileOptions, expression: NixFunction): NixFunction {
  const { place } = spec.nixpkgs;
  const isMade = options.nixpkgs === undefined && place !== null && "nix" in place;
  if (isMade || spec.params.some((param) => param.name === "system")) return expression;
  const system = { name: "system", default: select(name("builtins"), "currentSystem") };
  const pkgs = packageSet(spec, options, [bind("system", name("system"))]);
  const { parameters, ...rest } = withDefaults(expression, { pkgs });
  return { ...rest, parameters: [system, ...parameters] };
}

function topFolder(path: string): string | undefined {
  return path.split("/")[1];
}

function heading({ name: file, spec, version }: KeptFile): string {
  return `# Made from ${comment(spec)} by imgc ${version}: \`imgc compile ${comment(spec)} -o ${comment(file)}\` makes it anew.
#
# \`imgc\` are the functions that make images, the folder nix of an installed imgc: by default of the one that is found as
# <imgc>, such as
#   nix build -f ${comment(file)} -I imgc=./node_modules/imgc
# Any other is given as an argument:
#   import ./${comment(file)} { imgc = import PLACE_OF_IMGC/nix { inherit pkgs; }; }
`;
}

/** A name as it can stand in a comment. */
function comment(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}
