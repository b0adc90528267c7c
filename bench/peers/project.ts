/** A project whose image imgc and its peers build from the same store paths, in a chroot store of its own. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { closureNix } from "../closure.ts";

const ROOT = join(import.meta.dirname, "../..");
export const IMGC = join(ROOT, "bin/imgc.mjs");

export interface Shape {
  gigabytes: number;
  paths: number;
  files: number;
  layers: number;
}

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "imgc-bench-peers-"));
  readonly store = join(this.folder, "store");
  /** The libraries, without the store's folder. */
  readonly libraries: string[];
  readonly application: string;
  #version = 0;

  /** `nix2container`: the program, or undefined. */
  constructor({ gigabytes, paths, files, layers }: Shape, nix2container: string | undefined) {
    mkdirSync(this.store);
    // The builders of imgc and of the peers.
    execFileSync("nix", ["copy", "--no-check-sigs", "--to", this.store, "-f", "<nixpkgs>", "nodejs", "bash"], {
      stdio: "ignore",
    });
    const closure = closureNix({ paths, gigabytes, files, seed: 7 });
    writeFileSync(join(this.folder, "set.nix"), setNix(closure, layers, nix2container));
    // The image `zstd` keeps the compressed bytes of its layers.
    writeFileSync(join(this.folder, "plain.imgspec"), spec("plain", layers, "compression none", ""));
    writeFileSync(join(this.folder, "zstd.imgspec"), spec("zstd", layers, "compression zstd", "blobs"));
    this.change();
    this.libraries = this.#build("libraries").toSorted();
    [this.application] = this.#build("app") as [string];
  }

  #build(attribute: string): string[] {
    const json = this.nix("build", "-f", join(this.folder, "set.nix"), attribute, "--no-link", "--json");
    const built = JSON.parse(json) as { outputs: Record<string, string> }[];
    return [...new Set(built.flatMap(({ outputs }) => Object.values(outputs)))];
  }

  /** Changes the application, a small file. */
  change(): void {
    writeFileSync(join(this.folder, "version"), String(++this.#version));
  }

  nix(...args: string[]): string {
    return execFileSync("nix", [...args, "--store", this.store], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 1 << 28,
    });
  }

  /** Deletes the results whose names match, so that the next build makes them again. */
  forget(pattern: RegExp): void {
    const names = readdirSync(join(this.store, "nix/store")).filter((name) => pattern.test(name));
    const paths = names.filter((name) => !name.endsWith(".drv")).map((name) => `/nix/store/${name}`);
    if (paths.length > 0) this.nix("store", "delete", "--ignore-liveness", ...paths);
  }

  /** The size of everything in the store, in bytes. */
  size(): number {
    return Number(execFileSync("bash", ["-c", 'du -sb "$0" | cut -f 1', join(this.store, "nix/store")]));
  }

  /** Links a program under another name; returns the folder of the link. */
  link(name: string, program: string): string {
    const folder = join(this.folder, "bin");
    mkdirSync(folder);
    symlinkSync(resolve(program), join(folder, name));
    return folder;
  }

  /** A command that sees the project's store at /nix/store, as the peers need it. */
  inStore(...command: string[]): string[] {
    const script = 'mount --bind "$0/nix/store" /nix/store && exec "$@"';
    return ["unshare", "--mount", "bash", "-c", script, this.store, ...command];
  }

  remove(): void {
    execFileSync("chmod", ["-R", "u+w", this.folder]);
    execFileSync("rm", ["-rf", this.folder]);
  }
}

function spec(name: string, layers: number, settings: string, cache: string): string {
  return `image "bench/${name}" {
  tag "v1"
  store [ nix ''(import ./set.nix).app'' ]
  layers { max ${layers} }
  cache { store "./store" ${cache} }
  ${settings}
}
`;
}

/** The command as on a machine without caches of skopeo. */
export function fresh(command: string[]): string[] {
  const hide =
    "mkdir -p /var/lib/containers && mount -t tmpfs none /dev/shm && mount -t tmpfs none /var/lib/containers";
  return ["unshare", "--mount", "bash", "-c", `${hide} && exec "$@"`, "-", ...command];
}

/** nix2container in its best form: the application has a layer of its own, so a change hashes only that layer. */
function setNix(closure: string, layers: number, nix2container: string | undefined): string {
  return `let
  pkgs = import <nixpkgs> { };
  node = name: script: attributes: derivation ({
    inherit name;
    inherit (pkgs.nodejs) system;
    builder = "\${pkgs.nodejs}/bin/node";
    args = [ "-e" script ];
    __structuredAttrs = true;
  } // attributes);
  ${closure}
  program = builtins.path { name = "nix2container"; path = ${nix2container ?? "./."}; };
  layersOf = count: paths: parents: node "n2c-layers" ''
    const { readFileSync, writeFileSync } = require("node:fs");
    const a = JSON.parse(readFileSync(process.env.NIX_BUILD_TOP + "/.attrs.json", "utf8"));
    writeFileSync("graph.json", JSON.stringify(a.graph));
    const more = [ "--max-layers", String(a.count), ...a.parents ];
    require("node:child_process").execFileSync(
      a.program, [ "layers-from-reproducible-storepaths", a.outputs.out, "graph.json", ...more ]);
  '' { inherit program count parents; exportReferencesGraph.graph = paths; };
in
rec {
  libraries = map (output: closure.\${output}) outputs;
  app = pkgs.writeText "app" "\${builtins.readFile ./version} \${toString libraries}";
  n2c = let
    below = layersOf ${layers - 1} libraries [ ];
  in node "n2c-image" ''
    const { readFileSync, writeFileSync } = require("node:fs");
    const a = JSON.parse(readFileSync(process.env.NIX_BUILD_TOP + "/.attrs.json", "utf8"));
    writeFileSync("config.json", "{}");
    require("node:child_process").execFileSync(a.program, [ "image", a.outputs.out, "config.json", ...a.layers ]);
  '' { inherit program; layers = [ below (layersOf 1 [ app ] [ below ]) ]; };
}
`;
}
