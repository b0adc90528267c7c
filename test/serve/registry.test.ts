/** The pull half of the OCI distribution spec v1.1, endpoint by endpoint, and hostile clients. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Layer } from "../../src/layer/recipe.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { Budget } from "../../src/serve/budget.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import type { LayerEvent } from "../../src/serve/send-blob.ts";
import { startRegistry, type Registry } from "../../src/serve/server.ts";
import { fixedRepositories, WatchedRepositories } from "../../src/serve/repositories.ts";
import { viewForServe } from "../../src/serve/view.ts";
import { makeImage } from "./image.ts";

/** A layer that is many times larger than the buffers of a socket. */
const BIG = 96 << 20;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const ABSENT = `sha256:${"0".repeat(64)}`;

let root: string;
let registry: Registry;
const pool = new LayerPool();
const events: LayerEvent[] = [];
const seen = (kind: LayerEvent["kind"]) => events.filter((event) => event.kind === kind);

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface Ask {
  method?: string;
  headers?: Record<string, string>;
}

function ask(path: string, { method = "GET", headers = {} }: Ask = {}): Promise<IncomingMessage> {
  const [host, port] = registry.address.split(":") as [string, string];
  const options: RequestOptions = { host, port, path, method, headers, agent: false };
  return new Promise((resolve, reject) => request(options, resolve).once("error", reject).end());
}

async function get(path: string, options?: Ask): Promise<Answer> {
  const message = await ask(path, options);
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return { status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(pieces) };
}

const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const json = ({ body }: Answer) => JSON.parse(body.toString()) as Record<string, unknown>;
const code = (answer: Answer) => (json(answer) as { errors: { code: string; message: string }[] }).errors[0]?.code;
const image = (path: string) => readImageDirectory(path);
const settled = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
};

let app: string;
let links: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "imgc-serve-"));
  const data = Buffer.alloc(700_000, "some text that is compressed. ");
  app = await makeImage(root, "a0", { layers: { "a1-lib": data, "a2-app": "hello" } });
  const more = await Promise.all([
    makeImage(root, "b0", { tag: "V2", layers: { "b1-app": "two" }, algorithm: "gzip", kind: "docker" }),
    makeImage(root, "c0", { tag: "multi", layers: { "c1-app": "for amd64" } }),
    makeImage(root, "d0", { tag: "multi", layers: { "d1-app": "for arm64" }, architecture: "arm64" }),
    makeImage(root, "f0", { name: "test/hurt", layers: { "f1-hurt": data, "f2-gone": "x", "f3-mode": "x" } }),
  ]);
  more.push(
    await makeImage(root, "k0", { name: "test/big", algorithm: "none", layers: { "k1-big": Buffer.alloc(BIG, 7) } }),
  );
  const half = { "1": Buffer.alloc(BIG / 3, 7), "2": "the rest" };
  more.push(await makeImage(root, "m0", { name: "test/half", algorithm: "none", layers: { "m1-half": half } }));
  const again = { "g1-app": "before", "g2-slow": Buffer.alloc(BIG / 3, 7) };
  const first = await makeImage(root, "g0", { name: "test/again", tag: "v1", algorithm: "none", layers: again });
  await makeImage(root, "h0", { name: "test/again", tag: "v1", layers: { "h1-app": "after" } });
  links = join(root, "result");
  symlinkSync(first, links);
  const source = new WatchedRepositories([app, ...more, links], viewForServe);
  registry = await startRegistry(source, pool, { onLayer: (event) => events.push(event) });
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

test("end-1: the base path answers as a registry", async () => {
  expect((await get("/v2/")).status).toBe(200);
});

test("end-3: a manifest by tag and by digest has its type, digest and size", async () => {
  const { manifestBytes } = image(app);
  const digest = digestOf(manifestBytes);
  for (const reference of ["v1", digest]) {
    const path = `/v2/test/app/manifests/${reference}`;
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 200, body: manifestBytes });
    expect(answer.headers).toMatchObject({
      "content-type": MANIFEST,
      "docker-content-digest": digest,
      "content-length": `${manifestBytes.length}`,
      etag: `"${digest}"`,
    });
    const head = await get(path, { method: "HEAD" });
    expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([
      200,
      0,
      `${manifestBytes.length}`,
    ]);
    expect((await get(path, { headers: { "If-None-Match": `W/"x", "${digest}"` } })).status).toBe(304);
  }
  const docker = await get("/v2/test/app/manifests/V2");
  expect(docker.headers["content-type"]).toBe("application/vnd.docker.distribution.manifest.v2+json");
});

test("end-2: every blob has the digest and size of the manifest", async () => {
  for (const tag of ["v1", "V2"]) {
    const manifest = json(await get(`/v2/test/app/manifests/${tag}`)) as {
      config: { digest: string; size: number };
      layers: { digest: string; size: number }[];
    };
    for (const { digest, size } of [manifest.config, ...manifest.layers]) {
      const path = `/v2/test/app/blobs/${digest}`;
      const { status, headers, body } = await get(path);
      expect([status, digestOf(body), headers["content-length"]]).toEqual([200, digest, `${size}`]);
      expect(headers["docker-content-digest"]).toBe(digest);
      const head = await get(path, { method: "HEAD" });
      expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, `${size}`, 0]);
      expect((await get(path, { headers: { "If-None-Match": `"${digest}"` } })).status).toBe(304);
    }
  }
});

test("ranges are the same bytes of the whole blob (RFC 9110, section 14)", async () => {
  const { digest, size } = image(app).layers[0] as { digest: string; size: number };
  const path = `/v2/test/app/blobs/${digest}`;
  const { body } = await get(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), fc.nat(size - 1), async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      const answer = await get(path, { headers: { Range: `bytes=${start}-${end}` } });
      expect(answer.status).toBe(206);
      expect(answer.headers["content-range"]).toBe(`bytes ${start}-${end}/${size}`);
      expect(answer.body.equals(body.subarray(start, end + 1))).toBe(true);
    }),
    { numRuns: 20 },
  );
  const ranged = async (Range: string, more = {}) => await get(path, { headers: { Range, ...more } });
  expect((await ranged("bytes=-5")).body).toEqual(body.subarray(-5));
  expect((await ranged(`bytes=5-${size * 2}`)).body).toEqual(body.subarray(5));
  const outside = await ranged(`bytes=${size}-`);
  expect([outside.status, outside.headers["content-range"]]).toEqual([416, `bytes */${size}`]);
  for (const ignored of [
    "bytes=9-3",
    "bytes=4-5,0-1",
    "bytes=0-4,4-5",
    "lines=1-2",
    "bytes=-",
    `bytes=${"0-0,".repeat(2000)}1-1`,
  ]) {
    expect((await ranged(ignored)).status).toBe(200);
  }
  expect((await ranged("bytes=0-4", { "If-Range": `"${digest}"` })).status).toBe(206);
  expect((await ranged("bytes=0-4", { "If-Range": '"other"' })).status).toBe(200);
  const config = image(app).manifest.config.digest;
  const part = await get(`/v2/test/app/blobs/${config}`, { headers: { Range: "bytes=1-3" } });
  expect([part.status, part.body.toString()]).toEqual([206, image(app).configBytes.subarray(1, 4).toString()]);
});

test("several ranges are parts of one answer, in order and not merged (RFC 9110, section 14.6)", async () => {
  const { digest, size } = image(app).layers[0] as { digest: string; size: number };
  const config = image(app).manifest.config;
  for (const blob of [{ digest, size }, config]) {
    const path = `/v2/test/app/blobs/${blob.digest}`;
    const { body } = await get(path);
    const ranges = Array.from({ length: Math.min(1024, blob.size) }, (_, i) => [i, i + 1] as const);
    for (const asked of [
      [
        [0, 1],
        [1, 9],
        [20, blob.size],
      ] as const,
      ranges,
    ]) {
      const Range = `bytes=${asked.map(([start, end]) => `${start}-${end - 1}`).join(", ")}`;
      const answer = await get(path, { headers: { Range } });
      expect(answer.status).toBe(206);
      const [, boundary = ""] =
        /^multipart\/byteranges; boundary=(\w+)$/.exec(answer.headers["content-type"] ?? "") ?? [];
      const parts = answer.body.toString("latin1").split(`\r\n--${boundary}`);
      expect(parts.at(-1)).toBe("--\r\n");
      const expected = asked.map(
        ([start, end]) =>
          "\r\nContent-Type: application/octet-stream\r\n" +
          `Content-Range: bytes ${start}-${end - 1}/${blob.size}\r\n\r\n${body.toString("latin1", start, end)}`,
      );
      expect(parts.slice(1, -1)).toEqual(expected);
    }
  }
});

test("missing things are 404 with the spec's code", async () => {
  expect(code(await get("/v2/test/app/manifests/nothing"))).toBe("MANIFEST_UNKNOWN");
  expect(code(await get(`/v2/test/app/manifests/${ABSENT}`))).toBe("MANIFEST_UNKNOWN");
  expect(code(await get(`/v2/test/app/blobs/${ABSENT}`))).toBe("BLOB_UNKNOWN");
  expect(code(await get("/v2/test/none/tags/list"))).toBe("NAME_UNKNOWN");
  // Blobs of another repository are not served.
  const other = image(app).layers[0]?.digest;
  expect((await get(`/v2/test/big/blobs/${other}`)).status).toBe(404);
});

test("end-8: tags and the catalogue are in order and in pages", async () => {
  expect(json(await get("/v2/test/app/tags/list"))).toEqual({ name: "test/app", tags: ["multi", "v1", "V2"] });
  const walk = async (path: string, key: string) => {
    const found: string[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const answer: Answer = await get(next);
      found.push(...(json(answer)[key] as string[]));
      next = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link ?? ""))?.[1];
    }
    return found;
  };
  expect(await walk("/v2/test/app/tags/list?n=1", "tags")).toEqual(["multi", "v1", "V2"]);
  const names = ["test/again", "test/app", "test/big", "test/half", "test/hurt"];
  expect(await walk("/v2/_catalog?n=2", "repositories")).toEqual(names);
  expect(json(await get("/v2/test/app/tags/list?n=0"))).toEqual({ name: "test/app", tags: [] });
  expect(json(await get("/v2/test/app/tags/list?last=v1"))).toEqual({ name: "test/app", tags: ["V2"] });
  expect((await get("/v2/test/app/tags/list?n=many")).status).toBe(400);
});

test("images with the same name for several platforms are an index", async () => {
  const answer = await get("/v2/test/app/manifests/multi");
  expect(answer.headers["content-type"]).toBe(INDEX);
  const { manifests } = json(answer) as { manifests: { digest: string; platform: { architecture: string } }[] };
  expect(manifests.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);
  for (const { digest } of manifests) {
    expect(digestOf((await get(`/v2/test/app/manifests/${digest}`)).body)).toBe(digest);
  }
  expect((await get(`/v2/test/app/manifests/${digestOf(answer.body)}`)).body).toEqual(answer.body);
});

test("end-12: referrers are an empty index, never 404; an invalid digest is 400", async () => {
  for (const name of ["test/app", "test/none"]) {
    const answer = await get(`/v2/${name}/referrers/${ABSENT}`);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, INDEX]);
    expect(json(answer)).toEqual({ schemaVersion: 2, mediaType: INDEX, manifests: [] });
  }
  const filtered = await get(`/v2/test/app/referrers/${ABSENT}?artifactType=application/x`);
  expect(filtered.headers["oci-filters-applied"]).toBe("artifactType");
  expect((await get("/v2/test/app/referrers/sha256:abc")).status).toBe(400);
});

test("errors of names and digests have the spec's form and codes", async () => {
  for (const [path, status, expected] of [
    ["/v2/test/app/blobs/sha256:abc", 400, "DIGEST_INVALID"],
    [`/v2/test/app/blobs/${ABSENT.toUpperCase()}`, 400, "DIGEST_INVALID"],
    ["/v2/test/app/manifests/sha256:abc", 400, "DIGEST_INVALID"],
    [`/v2/test/app/blobs/sha512:${"0".repeat(128)}`, 404, "BLOB_UNKNOWN"],
    ["/v2/test/app/manifests/.no-tag", 404, "MANIFEST_UNKNOWN"],
    ["/v2/Test/app/manifests/v1", 400, "NAME_INVALID"],
    ["/v2/test//app/tags/list", 400, "NAME_INVALID"],
    ["/v2/test/app/tags", 404, "UNSUPPORTED"],
  ] as const) {
    const answer = await get(path);
    expect([path, answer.status, code(answer)]).toEqual([path, status, expected]);
    expect(answer.headers["content-type"]).toBe("application/json");
    const head = await get(path, { method: "HEAD" });
    expect([head.status, head.body.length]).toEqual([status, 0]);
  }
});

test("a manifest is served unchanged whatever Accept says, since its digest must not change", async () => {
  for (const Accept of [
    "application/vnd.docker.distribution.manifest.v2+json",
    "text/html",
    "*/*",
    `${INDEX}, ${MANIFEST}`,
  ]) {
    const answer = await get("/v2/test/app/manifests/v1", { headers: { Accept } });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, MANIFEST]);
  }
});

test("checking whether a blob exists makes no layer", async () => {
  events.length = 0;
  for (const { digest } of image(app).layers) {
    expect((await get(`/v2/test/app/blobs/${digest}`, { method: "HEAD" })).status).toBe(200);
    expect((await get(`/v2/test/app/blobs/${digest}`, { headers: { "If-None-Match": "*" } })).status).toBe(304);
    expect((await get(`/v2/test/app/blobs/${digest}`, { headers: { Range: "bytes=99999999-" } })).status).toBe(416);
  }
  expect(events).toEqual([]);
});

test("pipelined requests are answered in order", async () => {
  const { digest, size } = image(app).layers[1] as { digest: string; size: number };
  const [host, port] = registry.address.split(":") as [string, string];
  const socket = connect(Number(port), host);
  const one = (close: string) => `GET /v2/test/app/blobs/${digest} HTTP/1.1\r\nHost: localhost\r\n${close}\r\n`;
  socket.write(one("").repeat(30) + one("Connection: close\r\n"));
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString("latin1");
  expect(text.split("HTTP/1.1 200 OK").length - 1).toBe(31);
  expect(text.split(`Content-Length: ${size}`).length - 1).toBe(31);
});

test("all writes are refused", async () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const answer = await get("/v2/test/app/blobs/uploads/", { method });
    expect([answer.status, code(answer), answer.headers.allow]).toEqual([405, "UNSUPPORTED", "GET, HEAD"]);
  }
});

test("no URL reads files outside the images or stops the server", async () => {
  const part = fc.oneof(
    fc.constantFrom("..", ".", "%2e%2e", "%00", "test", "app", "manifests", "blobs", "tags", "list", "etc", "passwd"),
    fc.constantFrom("v1", ABSENT, "sha256:../../etc/passwd", "_catalog", "uploads", "a".repeat(300)),
    fc.string({ unit: "grapheme-ascii" }).map((text) => encodeURIComponent(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 7 }), fc.boolean(), async (parts, inside) => {
      const { status } = await get(`${inside ? "/v2/" : "/"}${parts.join("/")}`);
      expect([200, 400, 404]).toContain(status);
    }),
    { numRuns: 60 },
  );
  for (const path of [
    "/v2/../../../etc/passwd",
    "/v2/test/app/blobs/sha256:../../../../etc/passwd",
    "/etc/passwd",
    "*",
  ]) {
    expect((await get(path)).status).toBe(404);
  }
  expect((await get(`/v2/${"a/".repeat(40_000)}`)).status).toBeGreaterThanOrEqual(400);
  // Not HTTP.
  const [host, port] = registry.address.split(":") as [string, string];
  const socket = connect(Number(port), host);
  socket.end("\0\0\0 not http\r\n\r\n");
  await once(socket.resume(), "close");
  expect((await get("/v2/")).status).toBe(200);
});

test("a client that disconnects after the last byte counts as served", async () => {
  events.length = 0;
  const layers = image(app).manifest.layers;
  const rounds = 40;
  for (let i = 0; i < rounds; i++) {
    const { digest, size } = layers[i % layers.length] as { digest: string; size: number };
    const message = await ask(`/v2/test/app/blobs/${digest}`);
    let taken = 0;
    for await (const piece of message) {
      taken += (piece as Buffer).length;
      if (taken === size) message.socket.resetAndDestroy();
      if (taken === size) break;
    }
  }
  await settled(() => seen("done").length + seen("gone").length === rounds);
  expect(seen("gone")).toEqual([]);
});

test("requests with a foreign host name are refused (DNS rebinding)", async () => {
  expect((await get("/v2/_catalog", { headers: { Host: "evil.example.org" } })).status).toBe(403);
  expect((await get("/v2/_catalog", { headers: { Host: "localhost:5000" } })).status).toBe(200);
});

test("a stalled client costs no memory, and a disconnected client no work", async () => {
  const { digest } = image(join(root, "nix/store/k0000000000000000000000000000000-image")).layers[0] as {
    digest: string;
  };
  events.length = 0;
  const message = await ask(`/v2/test/big/blobs/${digest}`);
  await once(message, "readable");
  const sent = () => seen("sent").reduce((sum, event) => sum + (event.kind === "sent" ? event.bytes : 0), 0);
  // Only as much is made as the socket buffers hold.
  let before = -1;
  await settled(() => {
    const still = sent() === before;
    before = sent();
    return still && before > 0;
  });
  expect(sent()).toBeLessThan(BIG / 3);
  message.destroy();
  await settled(() => seen("gone").length === 1);
  expect(sent()).toBeLessThan(BIG / 3);
  expect(seen("done")).toEqual([]);
});

test("more requests than threads wait their turn", async () => {
  const { digest } = image(app).layers[0] as { digest: string };
  const answers = await Promise.all(Array.from({ length: 200 }, () => get(`/v2/test/app/blobs/${digest}`)));
  for (const { status, body } of answers) expect([status, digestOf(body)]).toEqual([200, digest]);
});

/** A server with budgets. Clients differ by their addresses: all of 127.0.0.0/8 is this machine. */
async function strangers(path: string, options: { budget?: Budget; stall?: number }) {
  const budget = options.budget ?? new Budget();
  const own: LayerEvent[] = [];
  const onLayer = (event: LayerEvent) => own.push(event);
  const open = await startRegistry(fixedRepositories(viewForServe(image(path))), pool, { ...options, budget, onLayer });
  const [host, port] = open.address.split(":") as [string, string];
  const from = (localAddress: string, url: string, more: RequestOptions = {}) =>
    new Promise<IncomingMessage>((resolve, reject) =>
      request({ host, port, path: url, localAddress, agent: false, ...more }, resolve)
        .once("error", reject)
        .end(),
    );
  return { open, from, own };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

test("stalled clients do not block others, and are disconnected", async () => {
  const path = join(root, "nix/store/k0000000000000000000000000000000-image");
  const { digest, size } = image(path).layers[0] as Layer;
  const url = `/v2/test/big/blobs/${digest}`;
  const count = 20;
  for (const stall of [undefined, 200]) {
    const { open, from, own } = await strangers(path, stall === undefined ? {} : { stall });
    const heard = (kind: LayerEvent["kind"]) => own.filter((event) => event.kind === kind).length;
    try {
      for (let i = 0; i < count; i++) void from("127.0.0.1", url).catch(() => {});
      await settled(() => heard("asked") === count);
      expect((await from("127.0.0.2", url, { method: "HEAD" })).headers["content-length"]).toBe(`${size}`);
      expect(await bodyOf(await from("127.0.0.2", url, { headers: { Range: "bytes=-9" } }))).toHaveLength(9);
      if (stall === undefined) expect(heard("gone")).toBe(0);
      else await settled(() => heard("gone") === count);
    } finally {
      await open[Symbol.asyncDispose]();
    }
  }
});

test("a client that opens many connections leaves room for others", async () => {
  const { open, from } = await strangers(app, {});
  const [host, port] = open.address.split(":") as [string, string];
  const sockets = Array.from({ length: 600 }, () => connect(Number(port), host).on("error", () => {}));
  try {
    await Promise.all(sockets.map(async (socket) => await once(socket, "connect")));
    expect((await from("127.0.0.2", "/v2/")).statusCode).toBe(200);
  } finally {
    for (const socket of sockets) socket.destroy();
    await open[Symbol.asyncDispose]();
  }
});

test("a changed store path is named, and its layer is never sent completely", async () => {
  const { layers } = image(join(root, "nix/store/f0000000000000000000000000000000-image"));
  const [hurt, gone, mode] = layers as [Layer, Layer, Layer];
  const place = ({ content }: Layer) => root + (content.paths[0] as string);
  const damaged = () => seen("damaged").map((event) => (event.kind === "damaged" ? event.message : ""));
  const attempt = async (digest: string) => {
    events.length = 0;
    return await get(`/v2/test/hurt/blobs/${digest}`).then(
      ({ status, body }) => (status === 200 ? digestOf(body) : status),
      () => "cut off",
    );
  };

  writeFileSync(`${place(hurt)}/data`, Buffer.alloc(700_000, "Some text that is compressed. "));
  expect([500, "cut off"]).toContain(await attempt(hurt.digest));
  expect(damaged()).toEqual([expect.stringContaining(`${hurt.content.paths[0]} was changed after the build`)]);
  // The next request fails at once, without reading the layer again.
  expect(await attempt(hurt.digest)).toBe(404);
  expect(seen("asked")).toEqual([]);

  chmodSync(`${place(mode)}/data`, 0o755);
  expect([500, "cut off"]).toContain(await attempt(mode.digest));
  expect(damaged()).toEqual([expect.stringContaining(`${mode.content.paths[0]} was changed after the build`)]);

  rmSync(place(gone), { recursive: true });
  expect(await attempt(gone.digest)).toBe(404);
  expect(damaged()).toEqual([expect.stringContaining(`needs ${gone.content.paths[0]}, which is not in the store`)]);
});

test("a store path that is garbage-collected during a download ends the blob early, and is named", async () => {
  const [half] = image(join(root, "nix/store/m0000000000000000000000000000000-image")).layers as [Layer];
  const path = half.content.paths[0] as string;
  events.length = 0;
  const message = await ask(`/v2/test/half/blobs/${half.digest}`);
  await once(message, "readable");
  rmSync(root + path, { recursive: true });
  const taken = async () => {
    let size = 0;
    for await (const piece of message) size += (piece as Buffer).length;
    return size;
  };
  await expect(taken()).rejects.toThrow("aborted");
  expect(message.complete).toBe(false);
  expect(seen("done")).toEqual([]);
  expect(seen("damaged")).toEqual([expect.objectContaining({ message: expect.stringContaining(`needs ${path}`) })]);
});

test("a client that discards bytes must wait after a while; a client that reads all bytes need not", async () => {
  const { digest, size } = image(app).layers[0] as Layer;
  const { open, from } = await strangers(app, { budget: new Budget(16 * size) });
  try {
    const url = `/v2/test/app/blobs/${digest}`;
    for (let i = 0; i < 64; i++) expect(digestOf(await bodyOf(await from("127.0.0.1", url)))).toBe(digest);
    const last = async () => await from("127.0.0.2", url, { headers: { Range: `bytes=${size - 1}-` } });
    let served = 0;
    let answer = await last();
    for (; answer.statusCode === 206; answer = await last()) served += (await bodyOf(answer)).length;
    expect(served).toBeGreaterThanOrEqual(16);
    expect(served).toBeLessThanOrEqual(32);
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect((await bodyOf(answer)).toString()).toContain('"TOOMANYREQUESTS"');
    expect((await from("127.0.0.2", url, { method: "HEAD" })).statusCode).toBe(200);
    expect((await from("127.0.0.2", "/v2/test/app/manifests/v1")).statusCode).toBe(200);
    expect((await from("127.0.0.1", url)).statusCode).toBe(200);
  } finally {
    await open[Symbol.asyncDispose]();
  }
});

test("a rebuilt image is served, and a pull of the previous build can finish", async () => {
  const before = await get("/v2/test/again/manifests/v1");
  const { layers } = json(before) as { layers: { digest: string }[] };
  const half = await ask(`/v2/test/again/blobs/${layers[1]?.digest}`);
  await once(half, "readable");
  const next = join(root, "next");
  symlinkSync(join(root, "nix/store/h0000000000000000000000000000000-image"), next);
  renameSync(next, links);
  const after = await get("/v2/test/again/manifests/v1");
  expect(digestOf(after.body)).not.toBe(digestOf(before.body));
  expect(digestOf(await bodyOf(half))).toBe(layers[1]?.digest);
  expect((await get(`/v2/test/again/manifests/${digestOf(before.body)}`)).body).toEqual(before.body);
  const blob = await get(`/v2/test/again/blobs/${layers[0]?.digest}`);
  expect(digestOf(blob.body)).toBe(layers[0]?.digest);
  // A missing path keeps the previous build.
  rmSync(links);
  expect((await get("/v2/test/again/manifests/v1")).body).toEqual(after.body);
});
