/** A token service for docker-registry (Docker token authentication), with one user. */
import { generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { cleanUp, folder, tool } from "./tools.ts";

const SERVICE = "registry";
const ISSUER = "tests";

/** Starts the service; returns the part `auth` of the registry's configuration. `user`: a name and a password, as `name:password`. */
export async function tokenServer(user: string): Promise<object> {
  const at = folder();
  const [key, certificate] = [join(at, "key.pem"), join(at, "certificate.pem")];
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  await tool("openssl", ["req", "-x509", "-new", "-key", key, "-subj", "/CN=tests", "-days", "2", "-out", certificate]);
  const chain = [new X509Certificate(readFileSync(certificate)).raw.toString("base64")];
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const right = `Basic ${Buffer.from(user).toString("base64")}`;

  const server = createServer((request, response) => {
    if (request.headers.authorization !== right) return void response.writeHead(401).end();
    const scopes = new URL(request.url ?? "", "http://x").searchParams.getAll("scope");
    const access = scopes.map((scope) => {
      const [type, name, actions = ""] = scope.split(":");
      return { type, name, actions: actions.split(",") };
    });
    const now = Math.floor(Date.now() / 1000);
    const times = { nbf: now - 60, iat: now, exp: now + 600 };
    const claims = { iss: ISSUER, sub: "user", aud: SERVICE, jti: String(Math.random()), access, ...times };
    const signed = `${encode({ typ: "JWT", alg: "RS256", x5c: chain })}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), privateKey).toString("base64url");
    response.end(JSON.stringify({ token: `${signed}.${signature}` }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(() => void server.close());
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return { token: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: certificate } };
}
