/** Mounts blobs of one repository in another one of the same registry (distribution-spec, "Mounting a blob"). */
import * as z from "zod/mini";
import type { RegistryReference } from "../oci/reference.ts";
import { credentialsFor } from "./credentials.ts";

const TIMEOUT = 30_000;
const Token = z.object({ token: z.optional(z.string()), access_token: z.optional(z.string()) });

/** `from`: a repository of the same host. Returns whether the registry mounted the blob; otherwise it must be copied. */
export async function mountBlob(
  to: RegistryReference,
  from: RegistryReference,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  const url = `${to.api}/v2/${to.repository}/blobs/uploads/?mount=${digest}&from=${from.repository}`;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
  const post = async (authorization: string | undefined) =>
    await fetch(url, {
      method: "POST",
      signal: limit,
      headers: { "Content-Length": "0", ...(authorization === undefined ? {} : { Authorization: authorization }) },
    });
  try {
    const first = await post(undefined);
    const response = first.status === 401 ? await post(await authorizationFor(first, to, from, limit)) : first;
    await response.body?.cancel();
    if (response.status === 201) return true;
    // The registry opened an upload instead.
    const upload = response.status === 202 ? response.headers.get("location") : null;
    if (upload !== null) await fetch(new URL(upload, url), { method: "DELETE", signal: limit });
    return false;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Basic authorization, or a token for both repositories (Docker token authentication), by the user's credentials. */
async function authorizationFor(
  challenge: Response,
  to: RegistryReference,
  from: RegistryReference,
  signal: AbortSignal,
): Promise<string | undefined> {
  await challenge.body?.cancel();
  const basic = credentialsFor(to.name);
  const own = basic === undefined ? undefined : `Basic ${basic}`;
  const header = challenge.headers.get("www-authenticate") ?? "";
  if (!/^bearer /i.test(header)) return own;
  const parameters = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const url = new URL(String(parameters["realm"]));
  if (parameters["service"] !== undefined) url.searchParams.set("service", parameters["service"]);
  url.searchParams.append("scope", `repository:${to.repository}:pull,push`);
  url.searchParams.append("scope", `repository:${from.repository}:pull`);
  const response = await fetch(url, { signal, ...(own === undefined ? {} : { headers: { Authorization: own } }) });
  const { token, access_token: other } = Token.parse(await response.json());
  return `Bearer ${token ?? other}`;
}
