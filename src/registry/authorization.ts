/** Answers a registry's request for credentials (distribution-spec; Docker token authentication). */
import * as z from "zod/mini";
import { credentialsFor } from "./credentials.ts";

const Token = z.object({ token: z.optional(z.string()), access_token: z.optional(z.string()) });

/**
 * The header for a request that was answered with 401: basic authorization, or a token, by the user's credentials for `name`.
 * `scopes`: such as `repository:shop/api:pull`.
 */
export async function authorizationFor(
  challenge: Response,
  name: string,
  scopes: string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  await challenge.body?.cancel();
  const basic = credentialsFor(name);
  const own = basic === undefined ? undefined : `Basic ${basic}`;
  const header = challenge.headers.get("www-authenticate") ?? "";
  if (!/^bearer /i.test(header)) return own;
  const parameters = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const url = new URL(String(parameters["realm"]));
  if (parameters["service"] !== undefined) url.searchParams.set("service", parameters["service"]);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const response = await fetch(url, { signal, ...(own === undefined ? {} : { headers: { Authorization: own } }) });
  const { token, access_token: other } = Token.parse(await response.json());
  return `Bearer ${token ?? other}`;
}
