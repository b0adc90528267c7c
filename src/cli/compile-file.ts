/** A spec on disk -> the text of its Nix expression, for every command that builds. Diagnostics go to standard error. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { attributes, compile, platformText, unpinned, type CompileOptions } from "../compile/index.ts";
import { didYouMean } from "../diagnostics/entries/entry.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { parseArgument, type CheckResult, type ParamSpec, type Spec } from "../language/index.ts";
import { EXIT, Reported, UserError } from "./exit.ts";
import { pinDiagnostic, readLock } from "./lock-file.ts";
import { checkFile } from "./read-spec.ts";
import { report } from "./report.ts";

export interface CompileFlags {
  /** The one image that is meant. */
  image?: string;
  nixpkgs?: string;
  /** The one platform that is meant, as the spec writes it. */
  platform?: string;
  /** Parameters, `name=value` each. */
  set?: string[];
}

export interface Compiled {
  spec: Spec;
  options: CompileOptions;
  expression: string;
  /** The attribute of each image in the expression's value; "" where that is the image itself. */
  attributes: string[];
  /** Where parts of the spec stand, and the texts they are in. */
  locate: CheckResult["locate"];
  sources: CheckResult["sources"];
}

export function compileFile(file: string, flags: CompileFlags): Compiled {
  const { spec: whole, diagnostics, sources, locate } = checked(file, flags.set ?? []);
  const spec = whole && flags.platform !== undefined ? forPlatform(whole, flags.platform, file) : whole;
  const nixpkgs = flags.nixpkgs === undefined ? undefined : resolve(flags.nixpkgs);
  const options = {
    functions: functionsPath(),
    nixpkgs,
    image: flags.image,
    lock: readLock(file, (message) => process.stderr.write(`imgc: ${message}\n`)),
    directory: dirname(resolve(file)),
  };
  if (spec !== undefined && flags.image !== undefined) requireImage(spec, flags.image, file);
  const found = (spec === undefined ? [] : unpinned(spec, options)).map((each) => pinDiagnostic(each, locate));
  report({ diagnostics: [...diagnostics, ...found], sources }, process.stderr);
  if (spec === undefined || found.length > 0) throw new Reported(EXIT.findings);
  return {
    spec,
    options,
    expression: compile(spec, options),
    attributes: attributes(spec, options),
    locate,
    sources,
  };
}

/** The images for one platform alone; bases that name none are made for it as well. */
function forPlatform(spec: Spec, written: string, file: string): Spec {
  const [os = "", architecture = "", variant = null, ...more] = written.split("/");
  if (architecture === "" || more.length > 0)
    throw new UserError(EXIT.usage, `--platform takes a platform such as linux/arm64, not "${written}"`);
  const images = spec.images.map((image) => {
    const names = image.platforms.map(platformText);
    if (names.length === 0 || names.includes(written)) return { ...image, platforms: [{ os, architecture, variant }] };
    throw new UserError(EXIT.usage, `${file}: "${image.name}" is for ${names.join(", ")}, not for ${written}`);
  });
  return { ...spec, images };
}

/** Checks the file with the parameters as they were given. */
function checked(file: string, given: string[]): CheckResult {
  const result = checkFile(file);
  if (given.length === 0 || result.spec === undefined) return result;
  const { params } = result.spec;
  return checkFile(file, { params: new Map(given.map((each) => argument(each, params, file))) });
}

function argument(written: string, params: ParamSpec[], file: string): [string, string | number] {
  const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(written) ?? [];
  if (name === "") throw new UserError(EXIT.usage, `--set takes NAME=VALUE, not "${written}"`);
  const param = params.find((each) => each.name === name);
  if (param === undefined) {
    const names = params.map((each) => each.name);
    const known = names.length === 0 ? "; it has none" : `; it has ${names.join(", ")}`;
    throw new UserError(EXIT.usage, `${file} has no parameter \`${name}\`${didYouMean(suggest(name, names)) || known}`);
  }
  const parsed = parseArgument(param.type, value);
  if (parsed === undefined)
    throw new UserError(EXIT.usage, `--set ${name}: "${value}" is not of the type of \`${name}\`, ${param.type}`);
  return [name, parsed];
}

function requireImage({ images }: Spec, wanted: string, file: string): void {
  const names = images.map(({ name }) => name);
  if (names.includes(wanted)) return;
  const known = didYouMean(suggest(wanted, names)) || `; it has ${names.join(", ")}`;
  throw new UserError(EXIT.usage, `${file} has no image "${wanted}"${known}`);
}

/** The Nix functions of this installation: beside `dist` when bundled, at the top of the repository in development. */
export function functionsPath(): string {
  for (const folder of [join(import.meta.dirname, "../nix"), join(import.meta.dirname, "../../nix")]) {
    if (existsSync(join(folder, "default.nix"))) return folder;
  }
  throw new UserError(EXIT.environment, "this installation of imgc has no nix/ folder");
}
