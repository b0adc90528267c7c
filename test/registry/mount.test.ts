import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { mountBlob } from "../../src/registry/mount.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { cleanUp } from "../e2e/tools.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

type Answer = [status: number, headers?: Record<string, string>, body?: string];

/** A registry that answers requests by `answer`. Returns its address and the received requests. */
async function answering(answer: (request: IncomingMessage, address: string) => Answer) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`.trim());
    const [status, headers = {}, body = ""] = answer(request, address);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, requests };
}

async function mount(address: string): Promise<boolean> {
  const [to, from] = [parseReference(`${address}/app:1`), parseReference(`${address}/base:1`)];
  return await mountBlob(to, from, DIGEST, new AbortController().signal);
}

test("a blob is mounted by one request", async () => {
  const { address, requests } = await answering(() => [201]);
  expect(await mount(address)).toBe(true);
  expect(requests).toEqual([`POST /v2/app/blobs/uploads/?mount=${DIGEST}&from=base`]);
});

test("if the registry opens an upload instead, the upload is cancelled", async () => {
  const { address, requests } = await answering(({ method }) =>
    method === "POST" ? [202, { Location: "/up/1" }] : [204],
  );
  expect(await mount(address)).toBe(false);
  expect(requests[1]).toBe("DELETE /up/1");
});

test("the upload that the registry opened instead is cancelled with a token", async () => {
  const { address, requests } = await answering(({ method, url = "", headers }, self) => {
    if (url.startsWith("/token")) return [200, {}, JSON.stringify({ token: "secret" })];
    const challenge = `Bearer realm="http://${self}/token",service="r"`;
    if (headers.authorization !== "Bearer secret") return [401, { "WWW-Authenticate": challenge }];
    return method === "POST" ? [202, { Location: "/up/1" }] : [204];
  });
  expect(await mount(address)).toBe(false);
  expect(requests.at(-1)).toBe("DELETE /up/1 Bearer secret");
});

test("a token for both repositories is requested", async () => {
  const { address, requests } = await answering(({ url = "", headers }, self) => {
    if (url.startsWith("/token")) return [200, {}, JSON.stringify({ token: "secret" })];
    const challenge = `Bearer realm="http://${self}/token",service="r"`;
    return headers.authorization === "Bearer secret" ? [201] : [401, { "WWW-Authenticate": challenge }];
  });
  expect(await mount(address)).toBe(true);
  expect(requests[1]).toBe("GET /token?service=r&scope=repository%3Aapp%3Apull%2Cpush&scope=repository%3Abase%3Apull");
});

test("a mistake in imgc is not taken for a refusal", async () => {
  const { signal } = new AbortController();
  const { address } = await answering(() => [401, { "WWW-Authenticate": "Basic realm=x" }]);
  const to = { ...parseReference(`${address}/app:1`), name: undefined } as never;
  await expect(mountBlob(to, parseReference(`${address}/base:1`), DIGEST, signal)).rejects.toThrow(TypeError);
});

test("a token or an address that no request can have means that the blob must be copied", async () => {
  const token = await answering(({ url = "" }, self) =>
    url.startsWith("/token")
      ? [200, {}, JSON.stringify({ token: "two\nlines" })]
      : [401, { "WWW-Authenticate": `Bearer realm="http://${self}/token"` }],
  );
  expect(await mount(token.address)).toBe(false);
  const realm = await answering(() => [
    401,
    { "WWW-Authenticate": 'Bearer realm="http://user:password@127.0.0.1:2/"' },
  ]);
  expect(await mount(realm.address)).toBe(false);
  const upload = await answering(() => [202, { Location: "http://[" }]);
  expect(await mount(upload.address)).toBe(false);
});

test("refusals and unreachable registries mean that the blob must be copied", async () => {
  const { address } = await answering(() => [403]);
  expect(await mount(address)).toBe(false);
  expect(await mount("127.0.0.1:2")).toBe(false);
});
