/** Answers the challenge of a registry that asks for authorization: basic, or a token (Docker token authentication). */
import * as z from "zod/mini";
import { EXIT, ImgcError } from "../util/errors.ts";

/** A token that can stand in a header. */
const Text = z.string().check(z.regex(/^[\x21-\x7e]+$/));
const Token = z.object({ token: z.optional(Text), access_token: z.optional(Text) });

interface Authorization {
  /** The user and password, in base64; undefined without credentials. */
  basic?: string | undefined;
  /** The wanted rights; by default those that the challenge names. */
  scopes?: string[];
  /** Sends a GET request with the value of the header `Authorization`. */
  get: (url: string, authorization: string | undefined) => Promise<Response>;
}

/**
 * The value of the header `Authorization` for the repetition of a request that was answered with 401; undefined if the registry
 * grants none. `challenge`: the answer. `name`: the repository with its host, for messages.
 */
export async function authorizationFor(
  name: string,
  challenge: Response,
  { basic, scopes, get }: Authorization,
): Promise<string | undefined> {
  await challenge.body?.cancel();
  const own = basic === undefined ? undefined : `Basic ${basic}`;
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
  const response = await get(url.href, isWeaker ? undefined : own);
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
