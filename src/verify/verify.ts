/** `imgc verify`: recomputes the digests and facts in an image's documents, and reports differences as findings. */
import { statSync } from "node:fs";
import { SHA256SUMS } from "../image/checksums.ts";
import { belongsToNothing } from "./findings.ts";
import { archiveFiles, folderFiles, type Files } from "../image/files.ts";
import { isIndexDirectory } from "../image/index-directory.ts";
import { isImageDirectory } from "../image/image-directory.ts";
import { verifyDirectory } from "./directory.ts";
import type { Report, VerifyOptions } from "./report.ts";
import { isDockerArchive } from "../image/docker-archive.ts";
import { verifyDockerArchive } from "./docker-archive.ts";
import { verifyIndex } from "./platform-index.ts";
import { verifyLayout } from "./layout.ts";
import { ImageError } from "../oci/image-error.ts";

export async function verify(path: string, options: Partial<VerifyOptions> = {}): Promise<Report> {
  const all = { deep: false, onStep: () => {}, onLayer: () => {}, ...options };
  if (isImageDirectory(path)) return await verifyDirectory(path, all);
  if (isIndexDirectory(path)) return await verifyIndex(path, all);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ImageError(`${path} does not exist`);
  const isFolder = stat.isDirectory();
  using files = isFolder ? folderFiles(path) : await archiveFiles(path);
  const { watched, unread } = watching(files);
  const report = await verifyFiles(watched, isFolder, all);
  // Other tools may leave unused files in a layout; imgc, which writes SHA256SUMS, does not.
  if (files.has(SHA256SUMS)) report?.findings.push(...unread().map(belongsToNothing));
  if (report !== undefined) return report;
  throw new ImageError(
    `${path} is not an image that imgc can verify: an image directory (image.json), an OCI layout (oci-layout), ` +
      "an archive of one, or a Docker archive (manifest.json)",
  );
}

async function verifyFiles(files: Files, isFolder: boolean, options: VerifyOptions): Promise<Report | undefined> {
  if (files.has("oci-layout")) return await verifyLayout(isFolder ? "OCI layout" : "OCI archive", files, options);
  if (isDockerArchive(files))
    return await verifyDockerArchive(isFolder ? "Docker image" : "Docker archive", files, options);
  return undefined;
}

/** Wraps files to record which ones are read. */
function watching(files: Files): { watched: Files; unread: () => string[] } {
  const read = new Set<string>();
  const recorded = <A extends [string, ...unknown[]], T>(use: (...args: A) => T) => {
    return (...args: A): T => {
      read.add(args[0]);
      return use(...args);
    };
  };
  const unread = () => files.names().flatMap((name) => (read.has(name) ? [] : [files.where(name)]));
  return { watched: { ...files, read: recorded(files.read), stream: recorded(files.stream) }, unread };
}
