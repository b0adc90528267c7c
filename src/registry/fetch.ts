/** Fetches blobs and manifests by digest, without credentials (OCI distribution spec, "Pull"). */
import { createHash, type Hash } from "node:crypto";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_DOCUMENT } from "../oci/documents.ts";
import type { RegistryReference } from "../oci/reference.ts";
import { digestOf } from "../oci/digest.ts";
import { EXIT, ImgcError, messageOf } from "../util/errors.ts";
import { sendAuthorized } from "./authorization.ts";
import { READ_SILENCE, RETRY_DELAYS } from "./time-limits.ts";

/** A blob or manifest cannot be fetched. The message is for the user. */
class FetchError extends ImgcError {
  constructor(message: string) {
    super(EXIT.environment, message);
  }
}

/** A temporary failure: the same request may succeed a moment later. */
class Transient extends FetchError {}

/** The registry refused a range (416): it now has fewer bytes than it sent before. */
class NoSuchRange extends Transient {}

export type BlobKind = "manifests" | "blobs";

export interface FetchSettings {
  /** An attempt ends after this many milliseconds without a byte. */
  silence?: number;
  /** Milliseconds before each retry. */
  delays?: readonly number[];
  /** Called before each retry, with the reason. */
  onRetry?: (message: string) => void;
}

const ACCEPT = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "*/*",
].join(", ");

/**
 * Writes the blob to a file, and checks its digest. After a broken connection, a retry requests only the missing bytes.
 */
export async function fetchBlob(
  reference: RegistryReference,
  kind: BlobKind,
  digest: string,
  file: string,
  { silence = READ_SILENCE, delays = RETRY_DELAYS, onRetry = () => {} }: FetchSettings = {},
): Promise<void> {
  const download = new Download(file);
  for (let attempt = 0; ; attempt++) {
    try {
      await fetchOnce(reference, { kind, digest, download, silence });
      return;
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      const delay = delays[attempt];
      if (delay === undefined) throw new FetchError(`${error.message}; all ${attempt + 1} attempts failed`);
      onRetry(`${error.message}; trying again in ${delay / 1000} s`);
      await sleep(delay);
    }
  }
}

/** The received bytes of a blob: a file, and their hash. */
class Download {
  readonly #file: string;
  #hash: Hash = createHash("sha256");
  size = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get digest(): string {
    return digestOf(this.#hash.copy());
  }

  clear(): void {
    this.#hash = createHash("sha256");
    this.size = 0;
  }

  /** Counts a piece only after writing it, so that a retry can continue after a broken connection. */
  async append(pieces: AsyncIterable<Uint8Array>, onPiece: () => void): Promise<void> {
    await using file = await open(this.#file, this.size === 0 ? "w" : "r+");
    for await (const piece of pieces) {
      onPiece();
      await file.write(piece, 0, piece.length, this.size).catch((error: unknown) => {
        throw new FetchError(`cannot write ${this.#file}: ${cause(error)}`);
      });
      this.#hash.update(piece);
      this.size += piece.length;
    }
  }
}

interface Fetch {
  kind: BlobKind;
  digest: string;
  download: Download;
  silence: number;
}

async function fetchOnce(reference: RegistryReference, fetch: Fetch): Promise<void> {
  const { kind, digest, download, silence } = fetch;
  const { name } = reference;
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), silence);
  try {
    const from = download.size;
    const response = await request(reference, `${kind}/${digest}`, { from, signal: quiet.signal });
    if (!isContinued(response, from)) download.clear();
    await download.append((response.body ?? []) as AsyncIterable<Uint8Array>, () => {
      timer.refresh();
      if (kind === "manifests" && download.size > MAX_DOCUMENT)
        throw new FetchError(`${name} sent more than ${MAX_DOCUMENT} bytes as the manifest ${digest}`);
    });
    requireDigest(name, fetch, response);
  } catch (error) {
    if (error instanceof NoSuchRange) download.clear();
    if (error instanceof ImgcError) throw error;
    if (quiet.signal.aborted) throw new Transient(`${name} gave no answer for ${Math.round(silence / 1000)} s`);
    // A connection can break after the last byte.
    if (download.size > 0 && download.digest === digest) return;
    if (isTransient(error)) throw new Transient(`the connection to ${name} broke: ${cause(error)}`);
    throw new FetchError(`${name} cannot be reached: ${cause(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function requireDigest(name: string, { digest, download }: Fetch, response: Response): void {
  const computed = download.digest;
  if (computed === digest) return;
  download.clear();
  // The parts may come from different versions of the bytes, so the next attempt starts at the beginning.
  if (response.status === PARTIAL) throw new Transient(`${name} sent parts of ${digest} that do not fit together`);
  throw new FetchError(
    response.headers.get("content-type")?.startsWith("text/html") === true
      ? `${name} sent a web page instead of ${digest}: it is not a registry, or it shows a login page`
      : `${name} sent ${computed} instead of ${digest}`,
  );
}

const PARTIAL = 206;
const NO_SUCH_RANGE = 416;

/** Whether the response has the bytes from `from` on. */
function isContinued({ status, headers }: Response, from: number): boolean {
  return status === PARTIAL && headers.get("content-range")?.startsWith(`bytes ${from}-`) === true;
}

interface Get {
  /** The offset of the first wanted byte. */
  from?: number;
  /** The value of the header `Authorization`. */
  authorization?: string | undefined;
  signal: AbortSignal;
}

/**
 * Sends a request without authorization. If the registry asks for authorization, sends the request again with `basic` (user and
 * password in base64), or with a token. Without `basic`, the token is anonymous.
 */
export async function ask(
  reference: RegistryReference,
  path: string,
  { basic, ...options }: Get & { basic?: () => Promise<string | undefined> },
): Promise<Response> {
  const { api, repository, name } = reference;
  const url = `${api}/v2/${repository}/${path}`;
  return await sendAuthorized(name, async (authorization) => await get(reference, url, { ...options, authorization }), {
    basic,
    getToken: async (realm, own) => await get(reference, realm, { authorization: own, signal: options.signal }),
  });
}

async function request(reference: RegistryReference, path: string, options: Get): Promise<Response> {
  const { name } = reference;
  const response = await ask(reference, path, options);
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new FetchError(
      `${name} requires a login, and a Nix build has no credentials: ` +
        "use `imgc build`, which fetches with those of `skopeo login`",
    );
  }
  if (response.status === 404) {
    const digest = path.slice(path.indexOf("/") + 1);
    throw new FetchError(`${name} lacks ${digest}; \`imgc lock --update\` pins the current image`);
  }
  throw new FetchError(`${name} answers ${path} with ${response.status} ${response.statusText}`.trimEnd());
}

/** Sends a request. Throws a `Transient` error if the registry may answer otherwise a moment later. */
async function get(
  { name }: RegistryReference,
  url: string,
  { from = 0, authorization, signal }: Get,
): Promise<Response> {
  const range = from === 0 ? {} : { Range: `bytes=${from}-` };
  const allowed = authorization === undefined ? {} : { Authorization: authorization };
  const response = await fetch(url, { headers: { Accept: ACCEPT, ...allowed, ...range }, signal });
  const { status, statusText } = response;
  if (status < 500 && status !== 429 && status !== NO_SUCH_RANGE) return response;
  await response.body?.cancel();
  if (status === 429) throw new Transient(`${name} has reached its limit of requests`);
  const failed = `${name} failed: ${status} ${statusText}`.trimEnd();
  throw status === NO_SUCH_RANGE ? new NoSuchRange(failed) : new Transient(failed);
}

/**
 * Whether a retry may help. It does not help if the connection was refused, if the host is unknown, if the certificate
 * is not trusted, or if redirects do not end.
 */
function isTransient(error: unknown): boolean {
  const code = (error as { cause?: { code?: string } }).cause?.code;
  return code !== undefined && code !== "ECONNREFUSED" && code !== "ENOTFOUND" && !/CERT|TLS|SSL|SIGNATURE/.test(code);
}

/** The message of an error. `fetch` hides the reason of a failure in the error's cause. */
function cause(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(inner);
}
