/** Sends requests to a registry, with the user's credentials if the registry asks for authorization. */
import { ImgcError } from "../util/errors.ts";
import { sendAuthorized } from "./authorization.ts";
import { credentialsFor } from "./credentials.ts";

interface Request {
  method?: string;
  headers: Record<string, string>;
  signal: AbortSignal;
}

/**
 * Sends the request without authorization; after the answer 401, sends the request again with the user's stored credentials or
 * a token. `name`: the repository with its host. `scopes`: for example `repository:shop/api:pull`.
 */
export async function askAsUser(url: string, request: Request, name: string, scopes: string[]): Promise<Response> {
  const send = async (to: string, { headers, ...rest }: Request, authorization: string | undefined) =>
    await fetch(to, {
      ...rest,
      headers: { ...headers, ...(authorization === undefined ? {} : { Authorization: authorization }) },
    });
  const { signal } = request;
  return await sendAuthorized(name, async (authorization) => await send(url, request, authorization), {
    basic: async () => await credentialsFor(name),
    scopes,
    getToken: async (realm, own) => await send(realm, { headers: {}, signal }, own),
  });
}

/** Whether `askAsUser` failed because of the network, the registry or the user's credentials, and not because of a mistake in imgc. */
export function isNoAnswer(error: unknown): boolean {
  if (error instanceof ImgcError) return true;
  if (error instanceof DOMException) return error.name === "TimeoutError";
  // `fetch` reports a broken connection as a TypeError with a cause.
  return error instanceof TypeError && error.cause !== undefined;
}
