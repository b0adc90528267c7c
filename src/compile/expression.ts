/** Spec -> Nix tree: a function whose arguments all have defaults, and whose body calls the functions in `nix/`. */
import { reservedNames } from "../language/check/names.ts";
import type { ImageSpec, Spec } from "../language/schema/spec.ts";
import { entryOf } from "../lock/entry.ts";
import { lowerImage, type Beside } from "./image.ts";
import type { CompileOptions } from "./options.ts";
import { packageSet } from "./package-set.ts";
import { isIdentifier } from "./print.ts";
import { bind, call, integer, name, select, string, type Binding, type Nix, type NixFunction } from "./nix-syntax.ts";
import type { ParamSpec } from "../language/types/values.ts";

export function lower(spec: Spec, options: CompileOptions, beside?: Beside): NixFunction {
  const variables = variableNames(spec);
  const images = needed(spec.images, options.image);
  const several = new Set(images.filter(({ platforms }) => platforms.length > 1).map((image) => image.name));
  const attribute = (image: string): Nix => select(name(setName(spec)), variable(variables, image));
  const context = { attribute, several, lock: options.lock, beside };
  const bindings = images.map((image) => bind(variable(variables, image.name), lowerImage(image, context)));
  const [only] = bindings;
  const body =
    bindings.length === 1 && only !== undefined
      ? only.value
      : inSet(setName(spec), bindings, options.image === undefined ? undefined : variable(variables, options.image));
  return { kind: "function", parameters: parametersOf(spec, options), body };
}

/** The images as attributes of one variable: a variable for each image could shadow packages in Nix code. */
function inSet(set: string, bindings: Binding[], wanted: string | undefined): Nix {
  const all = bind(set, { kind: "set", bindings });
  return { kind: "let", bindings: [all], body: wanted === undefined ? name(set) : select(name(set), wanted) };
}

function setName({ params }: Spec): string {
  return params.some((param) => param.name === "images") ? "images'" : "images";
}

/** The arguments of every expression of a spec: the package set, the Nix functions, and the spec's own. */
export function parametersOf(spec: Spec, options: CompileOptions): { name: string; default: Nix }[] {
  const functions = call(name("import"), { kind: "path", path: options.functions });
  return [
    { name: "pkgs", default: packageSet(spec, options) },
    { name: "imgc", default: call(functions, { kind: "inherit", name: "pkgs" }) },
    ...spec.params.map((param) => ({ name: param.name, default: initial(param) })),
  ];
}

/** The function with other defaults of some parameters. */
export function withDefaults(lowered: NixFunction, defaults: Record<string, Nix>): NixFunction {
  const parameters = lowered.parameters.map((each) => {
    const own = entryOf(defaults, each.name);
    return own === undefined ? each : { ...each, default: own };
  });
  return { ...lowered, parameters };
}

/** The attribute of each image in the expression's value, in file order; "" if the value is the only image itself. */
export function attributes(spec: Spec, options: CompileOptions): string[] {
  if (options.image !== undefined || spec.images.length === 1) return [""];
  const variables = variableNames(spec);
  return spec.images.map((image) => variable(variables, image.name));
}

/** Of an argument that has no default, what to do is said once it is missed. */
function initial({ name: parameter, default: value }: ParamSpec): Nix {
  const advice = `imgc: \`${parameter}\` has no default: give it with --set ${parameter}=… (nix build: --argstr ${parameter} …)`;
  if (value === null) return call(name("throw"), string(advice));
  return typeof value === "number" ? integer(value) : string(value);
}

/** The image and the bases it stands on, or all. */
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

/** A variable for each image: the last part of its name, made an identifier that nothing else has. */
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
