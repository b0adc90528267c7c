/** Compiles a spec to an expression for a committed file, with relative paths where possible. */
import type { Spec } from "../language/schema/spec.ts";
import { specNix, withDefaults } from "./expression.ts";
import { printNix } from "./print.ts";
import { relocate } from "./relocate.ts";
import { bind, call, name, select, type Nix, type NixFunction } from "./nix-syntax.ts";
import type { CompileOptions } from "./options.ts";
import { packageSet } from "./package-set.ts";
import { relativeTo } from "../util/absolute-path.ts";
import { shellWord } from "../util/shell.ts";

export interface PortableExpression {
  text: string;
  /** Paths that stay absolute because they share no top-level folder with the spec. */
  outside: string[];
}

export interface PortableFile {
  /** The absolute path of the folder that the file is in. */
  directory: string;
  /** `name`: the file's name in that folder. `spec`: the path of the spec from that folder. */
  name: string;
  spec: string;
  /** imgc's version. */
  version: string;
}

export function compilePortable(spec: Spec, options: CompileOptions, file: PortableFile): PortableExpression {
  const outside = new Set<string>();
  const move = (path: string): Nix => {
    if (topFolder(path) === topFolder(options.directory))
      return { kind: "relative", path: relativeTo(file.directory, path) };
    outside.add(path);
    return { kind: "path", path };
  };
  const functions = call(name("import"), { kind: "lookup", name: "imgc/nix" });
  const imgc = call(functions, { kind: "inherit", name: "pkgs" });
  const whole = forSystem(spec, options, withDefaults(specNix(spec, options), { imgc }));
  return { text: heading(file) + printNix(relocate(whole, move)), outside: [...outside] };
}

/** Adds a parameter `system` for the package set, unless the set is user code or the spec has a `param system`. */
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

function heading({ name: file, spec, version }: PortableFile): string {
  return `# Made from ${comment(spec)} by imgc ${version}. To update this file, run
#   imgc compile ${comment(shellWord(spec))} -o ${comment(shellWord(file))}
#
# The argument \`imgc\` is the set of functions in the folder nix of an installed imgc. By default it is found on NIX_PATH
# as <imgc>:
#   nix build -f ${comment(shellWord(file))} -I imgc=./node_modules/imgc
# To pass it explicitly:
#   import ./${comment(file)} { imgc = import PLACE_OF_IMGC/nix { inherit pkgs; }; }
`;
}

/** A file name with control characters replaced, so that it cannot end the comment. */
function comment(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}
