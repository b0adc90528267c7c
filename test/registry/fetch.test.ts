import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { fetchBlob, type FetchSettings } from "../../src/registry/fetch.ts";
import { ImgcError } from "../../src/util/errors.ts";
import { parseReference } from "../../src/oci/reference.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-fetch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const BYTES = Buffer.from("layer");
/** Milliseconds before a connection is cut, so that a busy client can read the bytes before the cut. */
const CUT_DELAY = 100;
const DIGEST = `sha256:${createHash("sha256").update(BYTES).digest("hex")}`;

type Answer = (request: IncomingMessage, response: ServerResponse, address: string) => void;

async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => answer(request, response, request.headers.host ?? ""));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.close().closeAllConnections());
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

const fetched = async (host: string, settings: FetchSettings = {}): Promise<Buffer> => {
  const file = join(folder, "blob");
  await fetchBlob(parseReference(`${host}/a/b:1`), "blobs", DIGEST, file, { delays: [5, 10, 20], ...settings });
  return readFileSync(file);
};

/** Sends the first bytes, and closes the connection. */
const cut = (response: ServerResponse, bytes: number): void =>
  void response
    .writeHead(200, { "Content-Length": BYTES.length })
    .write(BYTES.subarray(0, bytes), () => setTimeout(() => response.destroy(), CUT_DELAY));

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

test.each<[string, Answer, string]>([
  ["503", (_, response) => response.writeHead(503).end(), "REGISTRY/a/b failed: 503 Service Unavailable"],
  ["429", (_, response) => response.writeHead(429).end(), "REGISTRY/a/b has reached its limit of requests"],
  ["a cut before the answer", (request) => request.socket.destroy(), "the connection to REGISTRY/a/b broke: "],
  ["a cut in the middle", (_, response) => cut(response, 2), "the connection to REGISTRY/a/b broke: "],
  ["silence before the answer", () => {}, "REGISTRY/a/b gave no answer for 0 s"],
  ["silence in the middle", (_, response) => response.write("la"), "REGISTRY/a/b gave no answer for 0 s"],
])("%s is tried again, and said; in the end it fails", async (_, fault, message) => {
  for (const times of [1, Infinity]) {
    let asked = 0;
    const retries: string[] = [];
    const host = await serve((request, response, address) => {
      if (asked++ < times) fault(request, response, address);
      else response.end(BYTES);
    });
    const settings = { silence: 400, onRetry: (each: string) => retries.push(each.replaceAll(host, "REGISTRY")) };
    if (times === 1) expect(await fetched(host, settings)).toEqual(BYTES);
    else await expect(fetched(host, settings)).rejects.toThrow(/; all 4 attempts failed$/);
    expect(asked).toBe(times === 1 ? 2 : 4);
    expect(retries).toHaveLength(times === 1 ? 1 : 3);
    expect(retries[0]).toContain(message);
    expect(retries[0]).toMatch(/; trying again in 0\.005 s$/);
  }
});

test("slow bytes are no silence", async () => {
  const host = await serve((_, response) => {
    response.writeHead(200, { "Content-Length": BYTES.length });
    for (const [i, byte] of BYTES.entries()) setTimeout(() => response.write(Buffer.from([byte])), 100 * i);
  });
  expect(await fetched(host, { silence: 300, delays: [] })).toEqual(BYTES);
});

test("after a cut only the missing bytes are asked for, if the registry can send parts", async () => {
  const asked: (string | undefined)[] = [];
  const host = await serve((request, response) => {
    const { range } = request.headers;
    asked.push(range);
    const [, from = "0"] = /^bytes=(\d+)-$/.exec(range ?? "") ?? [];
    const part = { "Content-Range": `bytes ${from}-4/5`, "Content-Length": 5 - Number(from) };
    if (range !== undefined) response.writeHead(206, part);
    if (asked.length === 3) response.end(BYTES.subarray(Number(from)));
    else if (range === undefined) cut(response, 2);
    else response.write(BYTES.subarray(2, 3), () => setTimeout(() => response.destroy(), CUT_DELAY));
  });
  expect(await fetched(host)).toEqual(BYTES);
  expect(asked).toEqual([undefined, "bytes=2-", "bytes=3-"]);
});

test.each<[string, (response: ServerResponse) => void]>([
  ["is wrong", (response) => void response.writeHead(206, { "Content-Range": "bytes 2-4/5" }).end("xyz")],
  ["is another one", (response) => void response.writeHead(206, { "Content-Range": "bytes 3-4/5" }).end("er")],
  ["is not there", (response) => void response.writeHead(416).end()],
])("a rest that %s is thrown away, and all of it fetched again", async (_, rest) => {
  const asked: (string | undefined)[] = [];
  const host = await serve((request, response) => {
    asked.push(request.headers.range);
    if (asked.length === 1) cut(response, 2);
    else if (asked.length === 2) rest(response);
    else response.end(BYTES);
  });
  expect(await fetched(host)).toEqual(BYTES);
  expect(asked).toEqual([undefined, "bytes=2-", undefined]);
});

test("a blob whose connection breaks behind its last byte is whole", async () => {
  let asked = 0;
  const host = await serve((_, response) => {
    asked++;
    response.write(BYTES, () => setTimeout(() => response.destroy(), CUT_DELAY));
  });
  expect(await fetched(host)).toEqual(BYTES);
  expect(asked).toBe(1);
});

test("a manifest without end is given up", async () => {
  const host = await serve((_, response) => {
    const more = (): void => void response.write(Buffer.alloc(1 << 20), more);
    more();
  });
  const manifest = fetchBlob(parseReference(`${host}/a/b:1`), "manifests", DIGEST, join(folder, "manifest"));
  await expect(manifest).rejects.toThrow(/sent more than 4194304 bytes as the manifest/);
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
    "a web page",
    (_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<p>"),
    /sent a web page instead of/,
  ],
  [
    "redirects without end",
    (request, response) => response.writeHead(307, { Location: request.url ?? "" }).end(),
    /cannot be reached: redirect count exceeded/,
  ],
  [
    "a redirect to a file",
    (_, response) => response.writeHead(307, { Location: "file:///etc/passwd" }).end(),
    /cannot be reached: /,
  ],
  ["a teapot", (_, response) => response.writeHead(418).end(), /with 418/],
])("%s is an error of one line", async (_, answer, message) => {
  const host = await serve(answer);
  await expect(fetched(host)).rejects.toThrow(ImgcError);
  await expect(fetched(host)).rejects.toThrow(message);
});

test("a refused connection is reported at once", async () => {
  // The system gives no program a port below 1024 by itself.
  const host = "127.0.0.1:2";
  await expect(fetched(host)).rejects.toThrow(`${host}/a/b cannot be reached: connect ECONNREFUSED`);
});
