/** Compiles a spec on disk to a Nix expression, for every command that builds. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { attributes, compile, needed, pinDiagnostic, unpinned, type CompileOptions } from "../compile/index.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/entries/entry.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { findPlatform, knownPlatforms, type CheckResult, type Spec } from "../language/index.ts";
import { EXIT, Reported, ImgcError } from "../util/errors.ts";
import type { ReadCopy } from "./copies.ts";
import type { Lock } from "../lock/lock-file.ts";
import { readLock } from "./lock-file.ts";
import { checkFileWith } from "./read-spec.ts";
import type { Reporter } from "./reporter.ts";
import { fingerprintOf } from "../sign/public-key.ts";
import { readBaseKeys } from "./base-keys.ts";
import { platformText } from "../oci/platform.ts";

export interface SpecOptions {
  /** The name of the only wanted image. */
  image?: string;
  /** The names of several wanted images, instead of `image`. */
  images?: string[];
  nixpkgs?: string;
  /** The only wanted platform, as written in specs. */
  platform?: string;
  /** Values of parameters, each as `name=value`. */
  set?: string[];
}

export interface Compiled {
  spec: Spec;
  options: CompileOptions;
  /** The attribute of each image in the expression's value; "" if the value is the image itself. */
  attributes: string[];
  /** Finds the place of a part of the spec in `sources`. */
  locate: CheckResult["locate"];
  sources: CheckResult["sources"];
  /** The copies of all images of the file. */
  copies: ReadCopy[];
}

export function compileFile(file: string, options: SpecOptions, reporter: Reporter): Compiled {
  const { spec: whole, diagnostics, sources, locate, copies } = checkFileWith(file, options.set ?? []);
  if (whole !== undefined) requireImages(whole, file);
  const wanted = wantedImages(options);
  for (const name of wanted ?? []) if (whole !== undefined) requireImage(whole, name, file);
  const fitting = whole && options.platform !== undefined ? forPlatform(whole, options.platform, file) : whole;
  const spec = fitting && options.images !== undefined ? withoutOthers(fitting, options.images) : fitting;
  const nixpkgs = options.nixpkgs === undefined ? undefined : resolve(options.nixpkgs);
  const compileOptions = {
    functions: functionsPath(),
    nixpkgs,
    image: options.image,
    lock: readLock(file, (message) => reporter.warning(message)),
    directory: dirname(resolve(file)),
  };
  const found = spec === undefined ? [] : pinDiagnostics(spec, compileOptions, locate, file);
  reporter.diagnostics({ diagnostics: [...diagnostics, ...found], sources });
  if (spec === undefined || found.length > 0) throw new Reported(EXIT.findings);
  return {
    spec,
    options: compileOptions,
    attributes: attributes(spec, compileOptions).filter(
      (_, i) => options.images?.includes(spec.images[i]?.name ?? "") ?? true,
    ),
    locate,
    sources,
    copies,
  };
}

/** The same file with the content of another lock file. Without `lock`, nothing changes. */
export function withLock(compiled: Compiled, lock: Lock | undefined): Compiled {
  return lock === undefined ? compiled : { ...compiled, options: { ...compiled.options, lock } };
}

export function expressionOf({ spec, options }: Compiled): string {
  return compile(spec, options);
}

/** Diagnostics for keys that cannot be read, and for references whose pin or signature is missing in the lock. */
function pinDiagnostics(
  spec: Spec,
  options: CompileOptions,
  locate: CheckResult["locate"],
  file: string,
): Diagnostic[] {
  const { keys, diagnostics } = readBaseKeys(spec, locate);
  const fingerprints = new Map([...keys].map(([path, { key }]) => [path, fingerprintOf(key)]));
  const missing = unpinned(spec, { ...options, keys: fingerprints });
  return [...diagnostics, ...missing.map((each) => pinDiagnostic(each, locate, file))];
}

/** The expression, with a trace for each evaluated image. */
export function tracedExpression({ spec, options }: Compiled, lock: Lock): string {
  return compile(spec, { ...options, lock, isTraced: true });
}

/** The names of the wanted images; undefined for all images of the file. */
export function wantedImages({ image, images }: SpecOptions): string[] | undefined {
  return image === undefined ? images : [image];
}

/** The spec with only these images and their bases. */
function withoutOthers(spec: Spec, names: string[]): Spec {
  const keep = new Set(names.flatMap((name) => needed(spec.images, name)));
  return { ...spec, images: spec.images.filter((image) => keep.has(image)) };
}

/** Restricts the spec to one platform. Images without `platforms` are built for this platform as well. */
function forPlatform(spec: Spec, written: string, file: string): Spec {
  const found = findPlatform(written);
  if (!("platform" in found)) {
    const known = didYouMean(found.suggestion) || `; Nix builds for ${knownPlatforms}`;
    throw new ImgcError(EXIT.usage, `--platform takes a platform such as linux/arm64, not "${written}"${known}`);
  }
  const images = spec.images.map((image) => {
    const names = image.platforms.map(platformText);
    if (names.length === 0 || names.includes(written)) return { ...image, platforms: [found.platform] };
    throw new ImgcError(EXIT.usage, `${file}: "${image.name}" is for ${names.join(", ")}, not for ${written}`);
  });
  return { ...spec, images };
}

/** Throws if a file declares no image. */
export function requireImages({ images }: Spec, file: string): void {
  if (images.length > 0) return;
  const remedy = 'add `image "name" { … }`, or name a file that declares an image';
  throw new ImgcError(EXIT.usage, `${file} declares no image: ${remedy}`);
}

function requireImage({ images }: Spec, wanted: string, file: string): void {
  const names = images.map(({ name }) => name);
  if (names.includes(wanted)) return;
  const known = didYouMean(suggest(wanted, names)) || `; it has ${names.join(", ")}`;
  throw new ImgcError(EXIT.usage, `${file} has no image "${wanted}"${known}`);
}

/** The Nix functions of this installation: beside `dist` when bundled, at the top of the repository in development. */
export function functionsPath(): string {
  for (const folder of [join(import.meta.dirname, "../nix"), join(import.meta.dirname, "../../nix")]) {
    if (existsSync(join(folder, "default.nix"))) return folder;
  }
  throw new ImgcError(EXIT.environment, "this installation of imgc has no nix/ folder");
}
