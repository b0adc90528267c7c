/** Lowers a spec to a Nix tree: a function with a default for every argument, whose body calls the functions in `nix/`. */
import { printFinding } from "../diagnostics/finding.ts";
import { reservedNames } from "../language/check/names.ts";
import type { ImageSpec, Spec } from "../language/schema/spec.ts";
import { imageNix, type PlaceCopy } from "./image.ts";
import type { CompileOptions } from "./options.ts";
import { packageSet } from "./package-set.ts";
import { isIdentifier } from "./print.ts";
import { bind, call, integer, name, select, string, type Binding, type Nix, type NixFunction } from "./nix-syntax.ts";
import type { ParamSpec } from "../language/types/values.ts";
import { entryOf } from "../lock/pins.ts";

export function specNix(spec: Spec, options: CompileOptions, placeCopy?: PlaceCopy): NixFunction {
  const variables = variableNames(spec);
  const images = needed(spec.images, options.image);
  const several = new Set(images.filter(({ platforms }) => platforms.length > 1).map((image) => image.name));
  const attribute = (image: string): Nix => select(name(setName(spec)), variable(variables, image));
  const context = { attribute, several, lock: options.lock, isTraced: options.isTraced ?? false, placeCopy };
  const bindings = images.map((image) => bind(variable(variables, image.name), imageNix(image, context)));
  const [only] = bindings;
  const body =
    bindings.length === 1 && only !== undefined
      ? only.value
      : inSet(setName(spec), bindings, options.image === undefined ? undefined : variable(variables, options.image));
  return { kind: "function", parameters: parametersOf(spec, options), body: options.isTraced ? traced(body) : body };
}

function traced(body: Nix): Nix {
  return call(select(name("imgc"), "traced"), body);
}

/** Binds all images in one variable, as a set. One variable for each image could shadow packages in the user's Nix code. */
function inSet(set: string, bindings: Binding[], wanted: string | undefined): Nix {
  const all = bind(set, { kind: "set", bindings });
  return { kind: "let", bindings: [all], body: wanted === undefined ? name(set) : select(name(set), wanted) };
}

function setName({ params }: Spec): string {
  return params.some((param) => param.name === "images") ? "images'" : "images";
}

/** The arguments of every expression of a spec: the package set, the Nix functions, and the spec's parameters. */
export function parametersOf(spec: Spec, options: CompileOptions): { name: string; default: Nix }[] {
  const functions = call(name("import"), { kind: "path", path: options.functions });
  return [
    { name: "pkgs", default: packageSet(spec, options) },
    { name: "imgc", default: call(functions, { kind: "inherit", name: "pkgs" }) },
    ...spec.params.map((param) => ({ name: param.name, default: initial(param) })),
  ];
}

/** The function with the defaults of some parameters replaced. */
export function withDefaults(whole: NixFunction, defaults: Record<string, Nix>): NixFunction {
  const parameters = whole.parameters.map((each) => {
    const replacement = entryOf(defaults, each.name);
    return replacement === undefined ? each : { ...each, default: replacement };
  });
  return { ...whole, parameters };
}

/** The attribute of each image in the expression's value, in file order; "" if the value is a single image. */
export function attributes(spec: Spec, options: CompileOptions): string[] {
  if (options.image !== undefined || spec.images.length === 1) return [""];
  const variables = variableNames(spec);
  return spec.images.map((image) => variable(variables, image.name));
}

/**
 * The default of a parameter in Nix. For a parameter without a default, an expression that throws a finding when its
 * value is needed.
 */
function initial({ name: parameter, default: value }: ParamSpec): Nix {
  if (value === null) {
    const message = `\`${parameter}\` has no value; set it with --set ${parameter}=… (nix build: --argstr ${parameter} …)`;
    return call(name("throw"), string(printFinding({ image: null, at: ["param", parameter], message })));
  }
  return typeof value === "number" ? integer(value) : string(value);
}

/** The wanted image and its chain of bases, or all images. */
export function needed(images: ImageSpec[], wanted: string | undefined): ImageSpec[] {
  if (wanted === undefined) return images;
  const byName = new Map(images.map((image) => [image.name, image]));
  const keep = new Set<string>();
  for (let next = byName.get(wanted); next !== undefined;) {
    keep.add(next.name);
    next = next.base.kind === "image" ? byName.get(next.base.name) : undefined;
  }
  return images.filter((image) => keep.has(image.name));
}

/** A unique Nix identifier for each image, derived from the last part of its name. */
function variableNames(spec: Spec): Map<string, string> {
  const used = new Set([...reservedNames, ...spec.params.map((param) => param.name)]);
  const names = new Map<string, string>();
  for (const image of spec.images) {
    const last = image.name.slice(image.name.lastIndexOf("/") + 1).replaceAll(/[^A-Za-z0-9_-]/g, "-");
    const stem = isIdentifier(last) ? last : `image-${last}`;
    let candidate = stem;
    for (let i = 2; used.has(candidate); i++) candidate = `${stem}-${i}`;
    used.add(candidate);
    names.set(image.name, candidate);
  }
  return names;
}

function variable(variables: Map<string, string>, image: string): string {
  return variables.get(image) as string;
}
