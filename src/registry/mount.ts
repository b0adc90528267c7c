/** Mounts blobs of one repository in another one of the same registry (distribution-spec, "Mounting a blob"). */
import type { RegistryReference } from "../oci/reference.ts";
import { userAuthorization } from "./user-authorization.ts";

const TIMEOUT = 30_000;

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
    const scopes = [`repository:${to.repository}:pull,push`, `repository:${from.repository}:pull`];
    const response = first.status === 401 ? await post(await userAuthorization(first, to.name, scopes, limit)) : first;
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
