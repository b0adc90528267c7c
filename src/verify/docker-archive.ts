/** Verifies a Docker archive, or a folder to which one was unpacked. */
import * as z from "zod/mini";
import type { Findings } from "./findings.ts";
import { dockerImages, MANIFEST } from "../image/docker-archive.ts";
import { fullNameOf } from "../image/export.ts";
import type { Files } from "../image/files.ts";
import { beginReport, checkNumber, verifyImage } from "./blobs.ts";
import type { Report, VerifyOptions } from "./report.ts";
import { parseJson } from "../oci/json.ts";
import { fromHex } from "../oci/digest.ts";

/** A file that older tools read: names and tags, each with the folder of the topmost layer. */
const REPOSITORIES = "repositories";
const Repositories = z.record(z.string(), z.record(z.string(), z.string()));

export async function verifyDockerArchive(form: string, files: Files, options: VerifyOptions): Promise<Report> {
  const { findings, report, own, growth } = beginReport(form, files, [MANIFEST]);
  const images = dockerImages(files);
  const allTags = images.flatMap(({ tags }) => tags ?? []);
  if (files.has(REPOSITORIES)) checkRepositories(findings, files, allTags);
  checkNumber(findings, own, images.length);
  report.images = new Set(images.map(({ digest }) => digest)).size;
  for (const [i, { tags, name: configName, digest, config, layers }] of images.entries()) {
    if (findings.isFull) break;
    const file = own[i];
    const name = tags?.join(", ") ?? "";
    const about = findings.of(images.length > 1 ? name : "");
    if (file !== undefined) about.same("tags", tags?.join(" "), fullNameOf(file));
    report.digests.push(digest);
    report.names.push(name);
    // The config's file is named after its digest, which is Docker's image ID.
    const named = /([0-9a-f]{64})(?:\.json)?$/.exec(configName)?.[1];
    about.same("config, digest in its name", named === undefined ? configName : fromHex(named), digest);
    await verifyImage(about, report, files, { config, layers, file, growth }, options);
  }
  return report;
}

function checkRepositories(findings: Findings, files: Files, tags: string[]): void {
  const repositories = parseJson(Repositories, files.read(REPOSITORIES), files.where(REPOSITORIES));
  const named = Object.entries(repositories).flatMap(([name, ids]) =>
    Object.entries(ids).map(([tag, id]) => ({ tag: `${name}:${tag}`, id })),
  );
  const list = (all: string[]) => all.toSorted().join(" ");
  findings.same(`tags in ${REPOSITORIES}`, list(named.map(({ tag }) => tag)), list(tags));
  for (const { tag, id } of named) {
    if (!files.has(`${id}/json`)) findings.add(`${REPOSITORIES} lists ${id} for ${tag}, but there is no such folder`);
  }
}
