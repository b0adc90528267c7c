/** `imgc verify`: recomputes all that an image claims. Each finding says what was claimed and what was computed. */
import { statSync } from "node:fs";
import { SHA256SUMS } from "../image/checksums.ts";
import { belongsToNothing } from "./findings.ts";
import { archiveFiles, folderFiles, type Files } from "../image/files.ts";
import type { Expect } from "../image/image-file.ts";
import { isIndexDirectory } from "../image/index-directory.ts";
import { isImageDirectory, ImageError } from "../image/image-directory.ts";
import { verifyDirectory } from "./directory.ts";
import { isDockerArchive } from "../image/docker-archive.ts";
import { verifyDockerArchive } from "./docker-archive.ts";
import { verifyIndex } from "./platform-index.ts";
import { verifyLayout } from "./layout.ts";

export interface Report {
  /** What was looked at, in words. */
  form: string;
  /** The manifests' digests; of a Docker archive, which has none, the configs'. */
  digests: string[];
  layers: number;
  paths: number;
  /** Those of them that `deep` could not hold against a hash (`inspect-layer.ts`). */
  unhashed: number;
  /** Uncompressed bytes. */
  size: number;
  /** A sentence each; empty when everything holds. */
  findings: string[];
  /** What is expected that no look at the files can tell. */
  trials: Pick<Expect, "reproducible" | "run">;
}

export interface VerifyOptions {
  /** Also holds files against the hashes by which Nix knows their store paths. */
  deep: boolean;
  /** Is told what is being looked at. */
  onStep: (step: string) => void;
}

export async function verify(path: string, options: Partial<VerifyOptions> = {}): Promise<Report> {
  const all = { deep: false, onStep: () => {}, ...options };
  if (isImageDirectory(path)) return await verifyDirectory(path, all);
  if (isIndexDirectory(path)) return await verifyIndex(path, all);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ImageError(`there is no ${path}`);
  const isFolder = stat.isDirectory();
  using files = isFolder ? folderFiles(path) : await archiveFiles(path);
  const { watched, unread } = watching(files);
  const report = await verifyFiles(watched, isFolder, all);
  // Others' tools may leave what no image in it needs; ours write nothing more.
  if (files.has(SHA256SUMS)) report?.findings.push(...unread().map(belongsToNothing));
  if (report !== undefined) return report;
  throw new ImageError(
    `${path} is none of what can be verified: an image directory (image.json), an OCI layout (oci-layout), ` +
      "or an archive of one, or a Docker archive (manifest.json)",
  );
}

async function verifyFiles(files: Files, isFolder: boolean, options: VerifyOptions): Promise<Report | undefined> {
  if (files.has("oci-layout")) return await verifyLayout(isFolder ? "OCI layout" : "OCI archive", files, options);
  if (isDockerArchive(files))
    return await verifyDockerArchive(isFolder ? "Docker image" : "Docker archive", files, options);
  return undefined;
}

/** The same files, and which of them nobody has read. */
function watching(files: Files): { watched: Files; unread: () => string[] } {
  const read = new Set<string>();
  const seen = <A extends [string, ...unknown[]], T>(use: (...args: A) => T) => {
    return (...args: A): T => {
      read.add(args[0]);
      return use(...args);
    };
  };
  const unread = () => files.names().flatMap((name) => (read.has(name) ? [] : [files.where(name)]));
  return { watched: { ...files, read: seen(files.read), stream: seen(files.stream) }, unread };
}
