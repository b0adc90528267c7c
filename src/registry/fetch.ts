/** Fetches blobs and manifests by digest, without credentials (OCI distribution spec, "Pull"). */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod/mini";
import type { RegistryReference } from "../oci/reference.ts";
import { EXIT, ImgcError, messageOf } from "../util/errors.ts";
import { digestOf } from "../oci/digest.ts";

export type BlobKind = "manifests" | "blobs";

const ACCEPT = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "*/*",
].join(", ");
/** Milliseconds before each retry of a temporary failure. */
const PAUSES = [500, 2000, 5000];
const Token = z.object({ token: z.optional(z.string()), access_token: z.optional(z.string()) });

/** Writes the blob to a file, and checks its digest. */
export async function fetchBlob(
  reference: RegistryReference,
  kind: BlobKind,
  digest: string,
  file: string,
): Promise<void> {
  const response = await request(reference, kind, digest);
  const hash = createHash("sha256");
  await pipeline(
    Readable.from((response.body ?? []) as AsyncIterable<Uint8Array>),
    async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    },
    createWriteStream(file),
  ).catch((error: unknown) => {
    throw new ImgcError(
      EXIT.environment,
      `the download of ${digest} from ${reference.name} broke off: ${cause(error)}`,
    );
  });
  const computed = digestOf(hash);
  if (computed !== digest)
    throw new ImgcError(EXIT.environment, `${reference.name} sent ${computed} instead of ${digest}`);
}

async function request(reference: RegistryReference, kind: BlobKind, digest: string): Promise<Response> {
  const { api, repository, name } = reference;
  const url = `${api}/v2/${repository}/${kind}/${digest}`;
  let response = await get(url, {});
  if (response.status === 401) {
    const token = await anonymousToken(response, reference);
    if (token !== undefined) response = await get(url, { Authorization: `Bearer ${token}` });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new ImgcError(
      EXIT.environment,
      `${name} requires a login, and a Nix build has no credentials: ` +
        "use `imgc build`, which fetches with those of `skopeo login`",
    );
  }
  if (response.status === 404) {
    throw new ImgcError(EXIT.environment, `${name} lacks ${digest}; \`imgc lock --update\` pins the current image`);
  }
  throw new ImgcError(EXIT.environment, `${url} answers ${response.status} ${response.statusText}`);
}

/** Gets a token without credentials (Docker token authentication). Undefined if the registry offers none. */
async function anonymousToken(challenge: Response, { name }: RegistryReference): Promise<string | undefined> {
  await challenge.body?.cancel();
  const header = challenge.headers.get("www-authenticate") ?? "";
  if (!/^bearer /i.test(header)) return undefined;
  const parameters = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const { realm, ...query } = parameters as Record<string, string>;
  if (realm === undefined || !URL.canParse(realm))
    throw new ImgcError(EXIT.environment, `${name} asks for an unknown kind of token`);
  const url = new URL(realm);
  for (const key of ["service", "scope"]) if (query[key] !== undefined) url.searchParams.set(key, query[key]);
  const response = await get(url.href, {});
  if (!response.ok) return undefined;
  // The answer may be a login page instead of JSON.
  const answer: unknown = await response.json().catch(() => undefined);
  const { token, access_token: other } = Token.safeParse(answer).data ?? {};
  return token ?? other;
}

async function get(url: string, headers: Record<string, string>): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const pause = PAUSES[attempt];
    try {
      const response = await fetch(url, { headers: { Accept: ACCEPT, ...headers } });
      if (pause === undefined || (response.status < 500 && response.status !== 429)) return response;
      await response.body?.cancel();
    } catch (error) {
      if (pause === undefined || isFinal(error)) {
        throw new ImgcError(EXIT.environment, `${new URL(url).host} cannot be reached: ${cause(error)}`);
      }
    }
    await sleep(pause);
  }
}

/** Errors that a retry cannot mend: connection refused, unknown host, untrusted certificate. */
function isFinal(error: unknown): boolean {
  const { code = "" } = (error as { cause?: { code?: string } }).cause ?? {};
  return code === "ECONNREFUSED" || code === "ENOTFOUND" || /CERT|TLS|SSL|SIGNATURE/.test(code);
}

/** The reason of a failed `fetch`, which is in the error's cause. */
function cause(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(inner);
}
