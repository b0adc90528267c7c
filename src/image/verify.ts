/** `imgc verify`: recomputes all that an image claims. Each finding says what was claimed and what was computed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isImageDirectory, ImageError } from "./read.ts";
import { verifyDirectory } from "./verify-directory.ts";
import { verifyLayout } from "./verify-layout.ts";

export interface Report {
  /** What was looked at, in words. */
  form: string;
  /** The manifests' digests. */
  digests: string[];
  layers: number;
  paths: number;
  /** Uncompressed bytes. */
  size: number;
  /** A sentence each; empty when everything holds. */
  findings: string[];
}

export async function verify(path: string): Promise<Report> {
  if (isImageDirectory(path)) return await verifyDirectory(path);
  if (existsSync(join(path, "oci-layout"))) return await verifyLayout(path);
  throw new ImageError(`${path} is neither an image directory (image.json) nor an OCI layout (oci-layout)`);
}
