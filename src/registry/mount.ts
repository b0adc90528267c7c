/** Mounts blobs of one repository in another one of the same registry (distribution-spec, "Mounting a blob"). */
import type { RegistryReference } from "../oci/reference.ts";
import { askAsUser, isNoAnswer } from "./user-authorization.ts";

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
  const scopes = [`repository:${to.repository}:pull,push`, `repository:${from.repository}:pull`];
  const send = async (method: string, address: string, headers: Record<string, string> = {}) => {
    const response = await askAsUser(address, { method, headers, signal: limit }, to.name, scopes);
    await response.body?.cancel();
    return response;
  };
  try {
    const { status, headers } = await send("POST", url, { "Content-Length": "0" });
    if (status === 201) return true;
    // The registry opened an upload instead.
    const upload = status === 202 ? headers.get("location") : null;
    if (upload !== null && URL.canParse(upload, url)) await send("DELETE", new URL(upload, url).href);
    return false;
  } catch (error) {
    signal.throwIfAborted();
    if (!isNoAnswer(error)) throw error;
    return false;
  }
}
