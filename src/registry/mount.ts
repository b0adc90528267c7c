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
  const post = { method: "POST", headers: { "Content-Length": "0" }, signal: limit };
  try {
    const response = await askAsUser(url, post, to.name, scopes);
    await response.body?.cancel();
    if (response.status === 201) return true;
    // The registry opened an upload instead.
    const upload = response.status === 202 ? response.headers.get("location") : null;
    if (upload !== null && URL.canParse(upload, url))
      await fetch(new URL(upload, url), { method: "DELETE", signal: limit });
    return false;
  } catch (error) {
    signal.throwIfAborted();
    if (!isNoAnswer(error)) throw error;
    return false;
  }
}
