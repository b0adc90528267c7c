import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { fetchBlob } from "../../src/registry/fetch.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { ImgcError } from "../../src/util/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-fetch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const BYTES = Buffer.from("layer");
const DIGEST = `sha256:${createHash("sha256").update(BYTES).digest("hex")}`;

type Answer = (request: IncomingMessage, response: ServerResponse, address: string) => void;

async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => answer(request, response, request.headers.host ?? ""));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.close().closeAllConnections());
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

const fetched = async (host: string): Promise<Buffer> => {
  const file = join(folder, "blob");
  await fetchBlob(parseReference(`${host}/a/b:1`), "blobs", DIGEST, file);
  return readFileSync(file);
};

test("an anonymous token is requested from the realm, and not sent to the redirect target", async () => {
  const elsewhere = await serve((request, response) => {
    response.statusCode = request.headers.authorization === undefined ? 200 : 400;
    response.end(BYTES);
  });
  const host = await serve((request, response, address) => {
    const url = new URL(request.url ?? "", `http://${address}`);
    if (url.pathname === "/token") {
      response.end(JSON.stringify({ token: url.searchParams.get("scope") }));
    } else if (request.headers.authorization === "Bearer repository:a/b:pull") {
      response.writeHead(307, { Location: `http://${elsewhere}/there` }).end();
    } else {
      const challenge = `Bearer realm="http://${address}/token",service="s",scope="repository:a/b:pull"`;
      response.writeHead(401, { "WWW-Authenticate": challenge }).end();
    }
  });
  expect(await fetched(host)).toEqual(BYTES);
});

test("a temporary failure is retried", async () => {
  let asked = 0;
  const host = await serve((_, response) => {
    response.statusCode = asked++ === 0 ? 503 : 200;
    response.end(BYTES);
  });
  expect(await fetched(host)).toEqual(BYTES);
});

test.each<[string, Answer, RegExp]>([
  ["other bytes", (_, response) => response.end("other"), /sent sha256:.* instead of/],
  ["404", (_, response) => response.writeHead(404).end(), /lacks sha256:.*; `imgc lock --update`/],
  [
    "a login",
    (_, response) => response.writeHead(401, { "WWW-Authenticate": "Basic" }).end(),
    /a Nix build has no cred/,
  ],
  ["403 for everybody", (_, response) => response.writeHead(403).end(), /requires a login/],
  [
    "an invalid realm",
    (_, response) => response.writeHead(401, { "WWW-Authenticate": 'Bearer realm="x"' }).end(),
    /an unknown kind of token/,
  ],
  [
    "a web page instead of a token",
    (request, response, address) => {
      if (request.url === "/token") response.end("<!doctype html>");
      else response.writeHead(401, { "WWW-Authenticate": `Bearer realm="http://${address}/token"` }).end();
    },
    /requires a login/,
  ],
  [
    "a download that breaks off",
    (_, response) => void response.writeHead(200, { "Content-Length": "9" }).write("ab", () => response.destroy()),
    /broke off/,
  ],
  ["a teapot", (_, response) => response.writeHead(418).end(), /answers 418/],
])("%s is an error of one line", async (_, answer, message) => {
  const host = await serve(answer);
  await expect(fetched(host)).rejects.toThrow(ImgcError);
  await expect(fetched(host)).rejects.toThrow(message);
});

test("a refused connection is reported at once", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  await new Promise((resolve) => server.close(resolve));
  await expect(fetched(host)).rejects.toThrow(`${host} cannot be reached: connect ECONNREFUSED`);
});
