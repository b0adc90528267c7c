/** Evaluates facts of an image of a spec, without building it. */
import { nixCommand, type NixOptions } from "../nix/build.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { expressionOf, type Compiled } from "./compile.ts";

/** An image to evaluate or build. */
export interface ImageWork {
  compiled: Compiled;
  /** Options of the cache policy, for every Nix command. */
  settings: string[];
  options: NixOptions;
}

/** The JSON value of `apply`, a function of Nix from the only wanted image. */
export async function evaluateImage({ compiled, settings, options }: ImageWork, apply: string): Promise<unknown> {
  const name = onlyAttribute(compiled);
  const args = ["eval", "--json", "--read-only", ...settings, "-f", "-", ...(name === "" ? [] : [name])];
  // Nix calls a function automatically only to select an attribute of its result.
  const called = `value: (${apply}) (if builtins.isFunction value then value { } else value)`;
  const { stdout } = await nixCommand([...args, "--apply", called], { ...options, input: expressionOf(compiled) });
  return JSON.parse(stdout);
}

/** The attribute of a part of the only wanted image. Throws if several images are wanted. */
export function onlyAttribute({ attributes, spec }: Compiled, part = ""): string {
  const [only = "", ...others] = attributes;
  if (others.length === 0) return [only, part].filter((each) => each !== "").join(".");
  const names = spec.images.map((image) => image.name).join(", ");
  throw new ImgcError(EXIT.usage, `the file has several images; choose one of ${names} with --image`);
}
