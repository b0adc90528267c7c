/** Answers the challenge of a registry with the user's credentials. */
import { authorizationFor } from "./authorization.ts";
import { credentialsFor } from "./credentials.ts";

/** Like `authorizationFor`, with the user's stored credentials. `scopes`: for example `repository:shop/api:pull`. */
export async function userAuthorization(
  challenge: Response,
  name: string,
  scopes: string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  return await authorizationFor(name, challenge, {
    basic: await credentialsFor(name),
    scopes,
    get: async (url, authorization) =>
      await fetch(url, { signal, headers: authorization === undefined ? {} : { Authorization: authorization } }),
  });
}
