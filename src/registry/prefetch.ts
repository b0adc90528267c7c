/**
 * Copies a base's blobs into the store with skopeo, under the output paths of the derivations that would otherwise
 * fetch them.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../util/temporary.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { exactly, parseReference } from "../oci/reference.ts";
import { growth, skopeo } from "./skopeo.ts";
import type { Pin } from "./pin.ts";
import { toHex } from "../oci/digest.ts";

/** The name of the derivations of nix/blob.nix. */
export const BLOB_NAME = "imgc-blob";

/** Whether the store has all blobs of a base. `options`: options for Nix, such as `--store`. */
export async function isInStore({ manifest, config, layers }: Pin, options: string[]): Promise<boolean> {
  const paths = [];
  for (const digest of [manifest, config, ...layers]) {
    const hash = toHex(digest);
    paths.push((await runTool("nix-store", ["--print-fixed-path", "sha256", hash, BLOB_NAME, ...options])).trim());
  }
  const invalid = await runTool("nix-store", ["--check-validity", "--print-invalid", ...paths, ...options]);
  return invalid.trim() === "";
}

/** Fetches all blobs of a base into the store. `options`: as in `isInStore`. */
export async function prefetch(
  text: string,
  { manifest, config, layers }: Pin,
  options: string[],
  signal?: AbortSignal,
): Promise<void> {
  const reference = parseReference(text);
  const folder = ownFolder("imgc-base-");
  try {
    const insecure = reference.isLocal ? ["--src-tls-verify=false"] : [];
    const target = `dir:${join(folder, "image")}`;
    await skopeo(
      ["copy", "--quiet", "--preserve-digests", ...insecure, `docker://${exactly(reference, manifest)}`, target],
      { signal, lastProgress: growth(folder) },
    );
    const add = join(folder, BLOB_NAME);
    const files = new Map([config, ...layers].map((digest) => [digest, toHex(digest)]));
    for (const name of ["manifest.json", ...files.values()]) {
      const fetched = join(folder, "image", name);
      if (!existsSync(fetched)) throw new ToolError(`${manifest} does not list the pinned blob sha256:${name}`);
      renameSync(fetched, add);
      await runTool("nix-store", ["--add-fixed", "sha256", add, ...options]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
