/** Asks a registry for ranges of a blob, as clients of zstd:chunked layers do (RFC 9110, section 14). */
import type { Descriptor } from "../oci/documents.ts";
import type { RegistryReference } from "../oci/reference.ts";
import { askAsUser, isNoAnswer } from "./user-authorization.ts";

const TIMEOUT = 10_000;

/** In a smaller blob, the two ranges lie so close together that a registry may join them. */
export const SMALLEST_PROBED = 1024;

export interface RangeAnswers {
  /** The status of the answer to two ranges, and whether the answer has a part for each of them. */
  several: { status: number; isMultipart: boolean };
  /** The status of the answer to one range; asked only if the registry sends no parts. */
  one?: number;
}

/**
 * `blob`: a blob of at least `SMALLEST_PROBED` bytes. Undefined if the registry did not answer, or answered for another reason
 * than the ranges.
 */
export async function probeRanges(
  repository: RegistryReference,
  blob: Pick<Descriptor, "digest" | "size">,
  { insecure, signal }: { insecure: boolean; signal: AbortSignal },
): Promise<RangeAnswers | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
  const last = blob.size - 1;
  // A registry that is allowed to have no certificate may not use TLS at all.
  const plain = repository.api.replace(/^https:/, "http:");
  for (const api of insecure && !repository.isLocal ? [repository.api, plain] : [repository.api]) {
    const url = `${api}/v2/${repository.repository}/blobs/${blob.digest}`;
    try {
      const response = await ask(url, `bytes=0-0,${last}-${last}`, repository, limit);
      const isMultipart = /^multipart\/byteranges\b/i.test(response.headers.get("content-type") ?? "");
      const several = { status: response.status, isMultipart };
      if (!isAboutRanges(response.status)) return undefined;
      // A broken registry answers 500 without ranges as well.
      if (response.status === 500 && !(await ask(url, undefined, repository, limit)).ok) return undefined;
      if (response.status === 206 && isMultipart) return { several };
      return { several, one: (await ask(url, "bytes=0-0", repository, limit)).status };
    } catch (error) {
      signal.throwIfAborted();
      if (!isNoAnswer(error)) throw error;
    }
  }
  return undefined;
}

/** Sends the request, for the whole blob if `range` is undefined, and leaves the body of the answer unread. */
async function ask(
  url: string,
  range: string | undefined,
  { name, repository }: RegistryReference,
  signal: AbortSignal,
): Promise<Response> {
  // A compressed answer would have other ranges.
  const headers = { "Accept-Encoding": "identity", ...(range === undefined ? {} : { Range: range }) };
  const scopes = [`repository:${repository}:pull`];
  const response = await askAsUser(url, { headers, signal }, name, scopes);
  await response.body?.cancel();
  return response;
}

/** False if the status has another reason than the ranges: missing rights, a missing blob, an overloaded registry. */
function isAboutRanges(status: number): boolean {
  if (status === 500 || status === 501) return true;
  return status >= 200 && status < 500 && ![401, 403, 404, 408, 429].includes(status);
}
