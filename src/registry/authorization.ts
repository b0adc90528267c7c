/** Repeats requests to which a registry answers with a challenge: basic, or a token (Docker token authentication). */
import * as z from "zod/mini";
import { EXIT, ImgcError } from "../util/errors.ts";

/** A token that can stand in a header. */
const Text = z.string().check(z.regex(/^[\x21-\x7e]+$/));
const Token = z.object({ token: z.optional(Text), access_token: z.optional(Text) });

/** Sends a request with the value of the header `Authorization`. */
type Send = (authorization: string | undefined) => Promise<Response>;

interface Authorization {
  /** The user and password, in base64; undefined without credentials. Called only after a challenge. */
  basic?: (() => Promise<string | undefined>) | undefined;
  /** The wanted rights; by default those that the challenge names. */
  scopes?: string[];
  /** Sends a GET request for a token. */
  getToken: (url: string, authorization: string | undefined) => Promise<Response>;
}

/**
 * Sends a request without authorization; after the answer 401, sends the request again if the registry grants authorization.
 * Otherwise returns the answer 401 without a body. `name`: the repository with its host, for messages.
 */
export async function sendAuthorized(name: string, send: Send, authorization: Authorization): Promise<Response> {
  const first = await send(undefined);
  if (first.status !== 401) return first;
  await first.body?.cancel();
  const granted = await authorizationFor(name, first, authorization);
  return granted === undefined ? first : await send(granted);
}

/** The value of the header `Authorization` for the repetition of a request; undefined if the registry grants none. */
async function authorizationFor(
  name: string,
  challenge: Response,
  { basic, scopes, getToken }: Authorization,
): Promise<string | undefined> {
  const credentials = await basic?.();
  const own = credentials === undefined ? undefined : `Basic ${credentials}`;
  const header = challenge.headers.get("www-authenticate") ?? "";
  if (!/^bearer /i.test(header)) return own;
  const parameters = new Map([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value as string]));
  const realm = parameters.get("realm") ?? "";
  const url = URL.parse(realm);
  // `fetch` takes no password in a URL.
  if (url === null || url.username !== "" || url.password !== "")
    throw new ImgcError(EXIT.environment, `${name} asks for an unknown kind of token`);
  const service = parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  const scope = parameters.get("scope");
  for (const each of scopes ?? (scope === undefined ? [] : [scope])) url.searchParams.append("scope", each);
  // A registry with TLS must not make imgc send the password to a service without TLS.
  const isWeaker = url.protocol === "http:" && challenge.url.startsWith("https:");
  const response = await getToken(url.href, isWeaker ? undefined : own);
  if (!response.ok) {
    await response.body?.cancel();
    return undefined;
  }
  // The answer may be a login page instead of JSON.
  const answer: unknown = await response.json().catch(() => undefined);
  const { token, access_token: other } = Token.safeParse(answer).data ?? {};
  const found = token ?? other;
  return found === undefined ? undefined : `Bearer ${found}`;
}
