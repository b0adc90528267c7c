/** Warns if clients that pull parts of zstd:chunked layers meet problems with a registry (docs/chunked.md). */
import { parseChunkedAnnotations } from "../layer/chunked/annotations.ts";
import type { Descriptor, Manifest } from "../oci/documents.ts";
import { parseReference } from "../oci/reference.ts";
import { probeRanges, SMALLEST_PROBED, type RangeAnswers } from "../registry/probe-ranges.ts";

/** `name`: the repository to which images with these manifests were pushed. */
export async function readerWarnings(
  manifests: readonly Pick<Manifest, "layers">[],
  name: string,
  options: { insecure: boolean; signal: AbortSignal },
): Promise<string[]> {
  const blob = probedBlob(manifests.flatMap(({ layers }) => layers));
  if (blob === undefined) return [];
  const answers = await probeRanges(parseReference(name), blob, options);
  const warning = answers === undefined ? undefined : warningOf(name, answers);
  return warning === undefined ? [] : [warning];
}

/** The smallest zstd:chunked layer that is large enough. */
function probedBlob(layers: readonly Descriptor[]): Descriptor | undefined {
  return layers
    .filter(
      ({ annotations, size }) => size >= SMALLEST_PROBED && parseChunkedAnnotations(annotations ?? {}) !== undefined,
    )
    .toSorted((a, b) => a.size - b.size)[0];
}

function warningOf(name: string, { several: { status, isMultipart }, one }: RangeAnswers): string | undefined {
  if (status === 206 && isMultipart) return undefined;
  const request = one === 206 ? "a request for several ranges of a layer" : "a request for ranges of a layer";
  return `warning: ${name}: the registry answers ${request} ${answerOf(status)}: ${effectOf(status)}; docs/chunked.md describes the remedies`;
}

function answerOf(status: number): string {
  if (status === 206) return "with one range";
  return status === 200 ? "with the whole layer" : `with status ${status}`;
}

function effectOf(status: number): string {
  const option = "with `enable_partial_images`";
  if (status === 200) return `Podman ${option} reads whole layers from there, and some layers twice`;
  if (status === 400) return `Podman ${option} reads whole layers from there`;
  return `Podman 5 ${option} cannot pull the image from there`;
}
