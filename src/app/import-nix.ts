/**
 * Imports a Nix expression that makes images with dockerTools or nix2container. For the evaluation,
 * other functions, which only record their arguments, replace those of dockerTools and nix2container.
 */
import { dirname, join, resolve } from "node:path";
import { ImportError } from "../import/import-error.ts";
import { importImages } from "../import/nix-images.ts";
import { readRecords } from "../import/nix-records.ts";
import type { ImportedSpec } from "../import/spec-text.ts";
import { parseLog } from "../nix/log.ts";
import { shortenValues } from "../nix/shorten-values.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { functionsPath } from "./compile.ts";

/** Throws an ImportError if the expression fails, or makes no image. `nixpkgs`: the package set, by default `<nixpkgs>`. */
export async function importNix(file: string, nixpkgs: string | undefined): Promise<ImportedSpec> {
  const functions = join(functionsPath(), "import");
  const real = nixpkgs === undefined ? "<nixpkgs>" : resolve(nixpkgs);
  const set = await findSet(nixpkgs === undefined ? [] : ["-I", `nixpkgs=${real}`]);
  const args = ["--argstr", "system", nixSystem(), "--arg", "file", file];
  const places = ["-I", `nixpkgs=${functions}/nixpkgs`, "-I", `imgc-import-nixpkgs=${set}`];
  const json = await nix(["--eval", "--json", "--strict", join(functions, "default.nix"), ...args, ...places]);
  return importImages(readRecords(json), dirname(file));
}

/** The folder of `<nixpkgs>`. */
async function findSet(options: string[]): Promise<string> {
  try {
    return (await nix(["--find-file", "nixpkgs", ...options])).trim();
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new ImgcError(EXIT.environment, "Nix finds no <nixpkgs>; name a package set with --nixpkgs", {
      cause: error,
    });
  }
}

async function nix(args: string[]): Promise<string> {
  const errors: string[] = [];
  const onErrorLine = (line: string): void => {
    const event = parseLog(line);
    if (event?.kind !== "message" || event.raw === undefined) return;
    const { raw, place } = event;
    // Places in imgc's own functions tell a user nothing.
    const isShown = place !== undefined && !place.file.startsWith(functionsPath());
    errors.push(shortenValues(isShown ? `${raw}, at ${place.file}:${place.line}` : raw));
  };
  try {
    return await runTool("nix-instantiate", [...args, "--log-format", "internal-json"], { onErrorLine });
  } catch (error) {
    if (!(error instanceof ToolError) || errors.length === 0) throw error;
    throw new ImportError(`Nix cannot evaluate the expression:\n${errors.join("\n")}`, { cause: error });
  }
}

/** The Nix system for Linux on this machine's processor: images are for Linux, whatever system the machine has. */
function nixSystem(): string {
  return process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
}
