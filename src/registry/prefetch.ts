/**
 * Puts what a registry only gives to those who log in into the store, where the derivations that would fetch it find it.
 * A build has no home and so no credentials; skopeo runs as the user, and finds the user's.
 */
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../temporary/own-folder.ts";
import { runTool } from "../tool/run.ts";
import { exactly, parseReference } from "./reference.ts";
import type { Pin } from "./pin.ts";

/** As nix/blob.nix calls its output. */
const NAME = "imgc-blob";

/** `options`: of Nix, such as the store that is meant. */
export async function prefetch(text: string, { manifest, config, layers }: Pin, options: string[]): Promise<void> {
  const reference = parseReference(text);
  const folder = ownFolder("imgc-base-");
  try {
    const insecure = reference.isLocal ? ["--src-tls-verify=false"] : [];
    const target = `dir:${join(folder, "image")}`;
    await runTool("skopeo", [
      "copy",
      "--quiet",
      "--preserve-digests",
      ...insecure,
      `docker://${exactly(reference, manifest)}`,
      target,
    ]);
    const add = join(folder, NAME);
    const files = new Map([config, ...layers].map((digest) => [digest, digest.slice("sha256:".length)]));
    for (const name of ["manifest.json", ...files.values()]) {
      renameSync(join(folder, "image", name), add);
      await runTool("nix-store", ["--add-fixed", "sha256", add, ...options]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
