/** Recognises the kind of a file and imports it. */
import { basename, dirname, extname } from "node:path";
import { imageName } from "../init/project.ts";
import { importApko } from "./apko.ts";
import { importDockerfile } from "./dockerfile/import-dockerfile.ts";
import type { ImportedSpec } from "./spec-text.ts";

export const KINDS = ["dockerfile", "apko", "nix"] as const;
export type ImportKind = (typeof KINDS)[number];

/** The kind of a file, by its name or else by its text; undefined if neither decides. */
export function kindOf(path: string, text: string): ImportKind | undefined {
  const name = basename(path).toLowerCase();
  if (extname(name) === ".nix") return "nix";
  if (/^(?:dockerfile|containerfile)(?:\.|$)|\.(?:dockerfile|containerfile)$/.test(name)) return "dockerfile";
  if (/\.ya?ml$/.test(name)) return "apko";
  return /^\s*(?:ARG|FROM)\s/im.test(text) ? "dockerfile" : undefined;
}

/** Imports a Dockerfile or an apko file. Throws an ImportError if the text cannot be read as such a file. */
export function importText(kind: Exclude<ImportKind, "nix">, path: string, text: string): ImportedSpec {
  const folder = dirname(path);
  if (kind === "apko") return importApko(text, imageName(folder));
  return importDockerfile(text, imageName(folder), folder);
}
