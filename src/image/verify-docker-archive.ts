/** Verifies what `docker save` and skopeo's docker-archive write: manifest.json names a config and layers by file. */
import * as z from "zod/mini";
import type { Files } from "./files.ts";
import { ImageConfig, sha256 } from "./oci.ts";
import { parseJson } from "./read.ts";
import { beginReport, verifyImage, type Algorithm } from "./verify-blobs.ts";
import type { Report, VerifyOptions } from "./verify.ts";

const MANIFEST = "manifest.json";
const Images = z.array(
  z.looseObject({ Config: z.string(), RepoTags: z.nullable(z.array(z.string())), Layers: z.array(z.string()) }),
);

export function isDockerArchive(files: Files): boolean {
  return files.has(MANIFEST);
}

export async function verifyDockerArchive(form: string, files: Files, options: VerifyOptions): Promise<Report> {
  const { findings, report, file } = beginReport(form, files, [MANIFEST]);
  for (const image of parseJson(Images, files.read(MANIFEST), files.where(MANIFEST))) {
    if (file !== undefined) findings.same("tags", image.RepoTags?.join(" "), `${file.name}:${file.tag}`);
    const bytes = files.read(image.Config);
    const digest = sha256(bytes);
    report.digests.push(digest);
    // The config's file is named after its digest, and that is what Docker calls the image.
    const named = /([0-9a-f]{64})(?:\.json)?$/.exec(image.Config)?.[1];
    findings.same("config, digest in its name", named === undefined ? image.Config : `sha256:${named}`, digest);
    const config = parseJson(ImageConfig, bytes, files.where(image.Config));
    const layers = image.Layers.map((name) => ({ name, algorithm: algorithmOf(files, name) }));
    await verifyImage(findings, report, files, { config, layers, file }, options);
  }
  return report;
}

/** Layers are plain as a rule, and say nothing of themselves. */
function algorithmOf(files: Files, name: string): Algorithm {
  const magic = files.start(name, 4).toString("hex");
  if (magic.startsWith("1f8b")) return "gzip";
  return magic === "28b52ffd" ? "zstd" : "none";
}
