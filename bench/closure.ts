/** A temporary Nix store with a closure of realistic shape. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const PATHS = 200;

export interface BenchStore {
  folder: string;
  /** Runs `nix` in the store. */
  nix(...args: string[]): string;
  /** The closure's store paths, without the store's folder. */
  paths: string[];
  remove(): void;
}

interface ClosureShape {
  paths: number;
  gigabytes: number;
  files: number;
  seed: number;
}

/** Nix bindings of `closure`, a derivation with an output for each path, and of the names of its `outputs`. */
export function closureNix({ paths, gigabytes, files, seed }: ClosureShape): string {
  return `outputs = builtins.genList (i: "p\${toString i}") ${paths};
  closure = derivation {
    name = "closure";
    inherit outputs;
    inherit (pkgs.nodejs) system;
    builder = "\${pkgs.nodejs}/bin/node";
    args = [ ${ROOT}/bench/closure.mjs ];
    __structuredAttrs = true;
    seed = ${seed};
    bytes = ${Math.round(gigabytes * 1e9)};
    files = ${files};
  };`;
}

/** `gigabytes` of content in 200 store paths and 20,000 files for each gigabyte. */
export function benchStore(gigabytes: number): BenchStore {
  const folder = mkdtempSync(join(tmpdir(), "imgc-bench-store-"));
  const nix = (...args: string[]): string =>
    execFileSync("nix", [...args, "--store", folder, "--max-jobs", "auto"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 1 << 28,
    });
  execFileSync("nix", ["copy", "--no-check-sigs", "--to", folder, "-f", "<nixpkgs>", "nodejs", "bash"], {
    stdio: "ignore",
  });
  const shape = { paths: PATHS, gigabytes, files: Math.round(gigabytes * 20_000), seed: Math.round(gigabytes * 10) };
  writeFileSync(
    join(folder, "bench.nix"),
    `{ version ? "1" }:
let
  pkgs = import <nixpkgs> { };
  imgc = import ${ROOT}/nix { inherit pkgs; };
  ${closureNix(shape)}
  packages = map (output: closure.\${output}) outputs;
in
{
  inherit packages;
  image = imgc.image {
    name = "bench/app";
    store = packages ++ [ (pkgs.writeText "app" "\${version} \${builtins.head packages}") ];
  };
}
`,
  );
  const built = JSON.parse(nix("build", "-f", join(folder, "bench.nix"), "packages", "--no-link", "--json")) as {
    outputs: Record<string, string>;
  }[];
  return {
    folder,
    nix,
    paths: [...new Set(built.flatMap(({ outputs }) => Object.values(outputs)))],
    remove: () => {
      execFileSync("chmod", ["-R", "u+w", folder]);
      execFileSync("rm", ["-rf", folder]);
    },
  };
}
