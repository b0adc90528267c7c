/** Verifies a Docker archive, or what was unpacked of one. */
import { dockerImages, MANIFEST } from "./docker-archive.ts";
import type { Files } from "./files.ts";
import { beginReport, verifyImage } from "./verify-blobs.ts";
import type { Report, VerifyOptions } from "./verify.ts";

export async function verifyDockerArchive(form: string, files: Files, options: VerifyOptions): Promise<Report> {
  const { findings, report, file } = beginReport(form, files, [MANIFEST]);
  for (const { tags, name, digest, config, layers } of dockerImages(files)) {
    if (file !== undefined) findings.same("tags", tags?.join(" "), `${file.name}:${file.tag}`);
    report.digests.push(digest);
    // The config's file is named after its digest, and that is what Docker calls the image.
    const named = /([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
    findings.same("config, digest in its name", named === undefined ? name : `sha256:${named}`, digest);
    await verifyImage(findings, report, files, { config, layers, file }, options);
  }
  return report;
}
