import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { chunkedAnnotations } from "../../src/layer/chunked/annotations.ts";
import { readerWarnings } from "../../src/publish/reader-warnings.ts";
import { cleanUp } from "../e2e/tools.ts";

const part = { offset: 0, length: 1, plainLength: 1 };
const annotations = chunkedAnnotations({ tocDigest: "sha256:0", toc: part, tarSplit: part });
const layer = (digit: string, size: number) => ({
  mediaType: "",
  digest: `sha256:${digit.repeat(64)}`,
  size,
  annotations,
});
const [small, middle, large] = [layer("1", 100), layer("2", 5000), layer("3", 90_000)];

type Answer = [status: number, type?: string];

/** The warnings about a registry that answers by `answer`, and the requests that it got. */
async function warnings(answer: (request: IncomingMessage) => Answer, layers: object[] = [large, small, middle]) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.range}`);
    const [status, type = "application/octet-stream"] = answer(request);
    response.writeHead(status, { "Content-Type": type, ...challenge(status) }).end("body");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}/shop/api`;
  const found = await readerWarnings([{ layers } as never], name, options);
  return { found: found.map((text) => text.replace(name, "NAME")), requests };
}

const challenge = (status: number) => (status === 401 ? { "WWW-Authenticate": "Basic realm=x" } : {});
const options = { insecure: true, signal: new AbortController().signal };
const isSeveral = ({ headers }: IncomingMessage) => headers.range?.includes(",") === true;
const isWhole = ({ headers }: IncomingMessage) => headers.range === undefined;
const URL = `GET /v2/shop/api/blobs/${middle.digest}`;

test("a registry that sends parts is asked once, for two ranges of a small layer", async () => {
  const { found, requests } = await warnings(() => [206, "multipart/byteranges; boundary=x"]);
  expect(found).toEqual([]);
  expect(requests).toEqual([`${URL} bytes=0-0,4999-4999`]);
});

test("images without zstd:chunked layers are not probed", async () => {
  const { annotations: _, ...plain } = large;
  expect(await warnings(() => [200], [plain])).toEqual({ found: [], requests: [] });
});

test.each<[several: number, one: number, text: string]>([
  [
    200,
    206,
    "a request for several ranges of a layer with the whole layer: Podman with `enable_partial_images` reads whole",
  ],
  [200, 200, "a request for ranges of a layer with the whole layer: Podman with `enable_partial_images` reads whole"],
  [
    206,
    206,
    "a request for several ranges of a layer with one range: Podman 5 with `enable_partial_images` cannot pull",
  ],
  [
    400,
    206,
    "a request for several ranges of a layer with status 400: Podman with `enable_partial_images` reads whole",
  ],
  [416, 416, "a request for ranges of a layer with status 416: Podman 5 with `enable_partial_images` cannot pull"],
  [
    500,
    206,
    "a request for several ranges of a layer with status 500: Podman 5 with `enable_partial_images` cannot pull",
  ],
  [
    501,
    206,
    "a request for several ranges of a layer with status 501: Podman 5 with `enable_partial_images` cannot pull",
  ],
])("the answers %s to several ranges and %s to one range are a warning", async (several, one, text) => {
  const { found, requests } = await warnings((request) => [
    isWhole(request) ? 200 : isSeveral(request) ? several : one,
  ]);
  expect(found).toEqual([expect.stringContaining(`NAME: the registry answers ${text}`)]);
  // A registry that answers 500 is asked for the whole layer as well.
  expect(requests).toHaveLength(several === 500 ? 3 : 2);
});

test("a layer of less than a kilobyte is not probed", async () => {
  expect(await warnings(() => [200], [small, layer("4", 1023)])).toEqual({ found: [], requests: [] });
  expect((await warnings(() => [200], [small, layer("4", 1024)])).found).toHaveLength(1);
});

test.each([401, 403, 404, 429, 500, 503])("the status %s says nothing about ranges", async (status) => {
  expect((await warnings(() => [status])).found).toEqual([]);
});

test("a registry that does not answer causes no warning and no failure; an interruption is passed on", async () => {
  expect(await readerWarnings([{ layers: [large] }], "127.0.0.1:2/a", options)).toEqual([]);
  const signal = AbortSignal.abort(new Error("interrupted"));
  await expect(readerWarnings([{ layers: [large] }], "127.0.0.1:2/a", { ...options, signal })).rejects.toThrow(
    "interrupted",
  );
});
