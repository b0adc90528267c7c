/** Pushes to a faulty registry: the messages, and the content of the registry afterwards. */
import { beforeAll, describe, expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { dryRun } from "../../src/publish/dry-run.ts";
import { push } from "../../src/publish/push.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { viewOf, type View } from "../../src/serve/view.ts";
import { makeImage } from "../serve/image.ts";
import {
  challenge,
  errors,
  fakeRegistry,
  html,
  kind,
  limited,
  type Behaviour,
  type FakeRegistry,
  type Fault,
} from "./fake-registry.ts";
import { cleanUp, folder } from "./tools.ts";

let view: View;
const pool = new LayerPool();
cleanUp(async () => await pool[Symbol.asyncDispose]());

beforeAll(async () => {
  view = viewOf(readImageDirectory(await makeImage(folder(), "faults", { layers: { one: "first", two: "second" } })));
});

interface Outcome {
  registry: FakeRegistry;
  /** Whether the tag leads to the pushed image. */
  tagged: boolean;
  error: string | undefined;
  retries: string[];
}

async function pushTo(behaviour: Behaviour, silence = 60_000): Promise<Outcome> {
  const registry = await fakeRegistry(behaviour);
  const retries: string[] = [];
  let error: string | undefined;
  try {
    await push(view, [{ name: `${registry.address}/shop/api`, tag: "v1" }], {
      pool,
      insecure: true,
      delays: [10, 20, 40],
      silence,
      onRetry: (message) => retries.push(message),
      onPushed: () => {},
    });
  } catch (thrown) {
    error = (thrown as Error).message.replaceAll(registry.address, "REGISTRY");
  }
  const tagged = registry.manifests.get("v1")?.bytes.equals(view.manifest.bytes) === true;
  return { registry, tagged, error, retries };
}

/** The first `times` requests of a kind fail. */
const wrong = (what: string, fault: Fault, times = Infinity): Behaviour => ({
  fault: (request) => (kind(request) === what && request.earlier < times ? fault : undefined),
});

const limitedFor = (wait: string): Fault => ({ ...(limited as object), status: 429, headers: { "Retry-After": wait } });

test("a registry that asks for a long wait is not waited for, and a short wait is reported", async () => {
  const long = await pushTo(wrong("HEAD blob", limitedFor("86400")));
  expect(long.error).toBe(
    "REGISTRY/shop/api:v1: REGISTRY has reached its limit of requests, and asks to wait 86400 s; try again after that time",
  );
  const short = await pushTo(wrong("HEAD blob", limitedFor("1"), 1));
  expect({ error: short.error, tagged: short.tagged }).toEqual({ error: undefined, tagged: true });
  expect(short.retries).toEqual([expect.stringMatching(/: \S+ has reached its limit of requests; waiting 1 s$/)]);
}, 60_000);

describe("temporary faults: the push is retried and succeeds", () => {
  test.each<[string, Behaviour]>([
    ["500 at the start of an upload", wrong("POST upload", { status: 500 }, 1)],
    ["500 while a layer is sent", wrong("PATCH upload", { status: 500 }, 1)],
    ["500 at the end of an upload, as JSON", wrong("PUT upload", { status: 500, body: errors("UNKNOWN") }, 1)],
    ["502 with a web page", wrong("PUT upload", html(502), 1)],
    ["503 at the manifest", wrong("PUT manifest", { status: 503 }, 1)],
    ["504 at the manifest, twice", wrong("PUT manifest", { status: 504 }, 2)],
    ["500 when asked for a layer", wrong("HEAD blob", { status: 500 }, 1)],
    ["503 at the first request", wrong("GET ping", { status: 503 }, 1)],
    ["429 at the start of an upload", wrong("POST upload", limited, 6)],
    ["429 at the manifest", wrong("PUT manifest", limited, 3)],
    ["cut at the start of an upload", wrong("POST upload", "cut", 1)],
    ["cut while a layer is sent", wrong("PATCH upload", "cut", 1)],
    ["cut at the end of an upload", wrong("PUT upload", "cut", 1)],
    ["cut at the manifest", wrong("PUT manifest", "cut", 2)],
    ["a lost layer", wrong("PUT manifest", { status: 400, body: errors("MANIFEST_BLOB_UNKNOWN") }, 1)],
    ["a layer damaged on its way", wrong("PUT upload", { status: 400, body: errors("DIGEST_INVALID") }, 1)],
    ["500 when the tag is read back", wrong("GET manifest", { status: 500 }, 1)],
  ])("%s", async (_, behaviour) => {
    const { tagged, error, retries } = await pushTo(behaviour);
    expect({ tagged, error }).toEqual({ tagged: true, error: undefined });
    expect(retries.length).toBeLessThanOrEqual(3);
    for (const retry of retries) expect(retry).toMatch(/shop\/api:v1: .*; trying again in 0\.0\d s$/);
  });

  test("a registry that does not answer is asked again after a timeout", async () => {
    const { tagged, error, retries } = await pushTo(wrong("PATCH upload", "hang", 1), 1500);
    expect({ tagged, error }).toEqual({ tagged: true, error: undefined });
    expect(retries).toEqual([expect.stringContaining("gave no answer for 2 s")]);
  });
});

describe("permanent faults: the message explains the fault, and no tag is written", () => {
  test.each<[string, Behaviour, RegExp]>([
    ["a web page for everything", { fault: () => html(200) }, /does not answer with a manifest/],
    ["a web page in answer to the manifest", wrong("PUT manifest", html(200)), /does not have it now/],
    ["404 at /v2/", wrong("GET ping", { status: 404 }), /REGISTRY is not a registry: it answers 404 at \/v2\//],
    ["401, Basic", { fault: () => challenge('Basic realm="x"') }, /requires a login.*`skopeo login REGISTRY`/],
    ["401 without a challenge", { fault: () => challenge("") }, /requires a login/],
    ["403 in JSON", wrong("POST upload", { status: 403, body: errors("DENIED") }), /REGISTRY denied the push/],
    ["403 with a web page", wrong("POST upload", html(403)), /REGISTRY denied the push/],
    ["an immutable tag", wrong("PUT manifest", { status: 403, body: errors("DENIED") }), /the tag is immutable/],
    [
      "NAME_UNKNOWN",
      wrong("POST upload", { status: 404, body: errors("NAME_UNKNOWN", "repository name not known to registry") }),
      /REGISTRY does not create repositories on push/,
    ],
    ["404 without a body", wrong("POST upload", { status: 404 }), /REGISTRY does not create repositories on push/],
    ["405", wrong("POST upload", { status: 405, body: errors("UNSUPPORTED") }), /accepts no uploads/],
    ["413 while a layer is sent", wrong("PATCH upload", html(413)), /refuses an upload of this size/],
    ["413 at the end", wrong("PUT upload", html(413)), /refuses an upload of this size/],
    ["500 always", wrong("PUT upload", { status: 500 }), /REGISTRY failed; see its log.*; all 4 attempts failed$/],
    ["503 always", wrong("GET ping", { status: 503 }), /REGISTRY failed; see its log.*; all 4 attempts failed$/],
    ["cut always", wrong("POST upload", "cut"), /the connection to REGISTRY broke.*; all 4 attempts failed$/],
    [
      "redirects without end",
      wrong("POST upload", { status: 307, headers: { Location: "/v2/shop/api/blobs/uploads/" } }),
      /without a usable address/,
    ],
    ["an upload without a Location header", wrong("POST upload", { status: 202 }), /without a usable address/],
    [
      "MANIFEST_INVALID",
      wrong("PUT manifest", { status: 400, body: errors("MANIFEST_INVALID") }),
      /refuses the manifest/,
    ],
    [
      "a registry that stores another manifest",
      { store: (bytes) => Buffer.from(JSON.stringify(JSON.parse(bytes.toString()), null, 1)) },
      /stores the manifest sha256:[0-9a-f]{64} instead of the pushed sha256:[0-9a-f]{64}/,
    ],
    ["a registry that stores nothing", { store: () => undefined }, /accepted the manifest, but does not have it now/],
    ["uploads that lead to a closed port", { location: (path) => `http://127.0.0.1:1${path}` }, /nothing listens at/],
    [
      "a token server that answers with a web page",
      {
        fault: ({ url, headers }) => {
          if (url.startsWith("/token")) return html(200);
          return challenge(`Bearer realm="http://${headers.host}/token",service="x"`);
        },
      },
      /answers with text that is not JSON/,
    ],
  ])("%s", async (_, behaviour, message) => {
    const { tagged, error } = await pushTo(behaviour);
    expect(error).toMatch(message);
    expect(error).toMatch(/^REGISTRY\/shop\/api:v1: /);
    expect(tagged).toBe(false);
  });

  test("a registry that never answers", async () => {
    const { tagged, error } = await pushTo(wrong("PUT manifest", "hang"), 400);
    expect(error).toMatch(/REGISTRY gave no answer for 0 s; all 4 attempts failed$/);
    expect(tagged).toBe(false);
  });
});

describe("unusual but correct registries", () => {
  test.each<[string, Behaviour]>([
    ["slow answers", { delay: 150 }],
    ["absolute upload locations", { location: (path, host) => `http://${host}${path}` }],
    ["relative upload locations", { location: (path) => path.slice(path.lastIndexOf("/") + 1) }],
    ["uploads redirected to another server", {}],
    [
      "an anonymous token",
      {
        fault: ({ url, headers }) => {
          if (url.startsWith("/token")) return { status: 200, body: '{"token":"t"}' };
          const isAllowed = headers.authorization === "Bearer t";
          return isAllowed ? undefined : challenge(`Bearer realm="http://${headers.host}/token",service="x"`);
        },
      },
    ],
  ])("%s", async (name, behaviour) => {
    if (name === "uploads redirected to another server") {
      const other = await fakeRegistry();
      behaviour.fault = (request) =>
        kind(request) === "POST upload"
          ? { status: 307, headers: { Location: `http://${other.address}${request.url}` } }
          : undefined;
      const { tagged } = await pushTo(behaviour);
      expect([tagged, other.blobs.size]).toEqual([true, 3]);
      return;
    }
    const { tagged, error } = await pushTo(behaviour);
    expect({ tagged, error }).toEqual({ tagged: true, error: undefined });
  });
});

describe("a dry run", () => {
  const options = { pool, insecure: true, delays: [] };

  test("lists the missing layers, and sends nothing", async () => {
    const registry = await fakeRegistry();
    const to = { name: `${registry.address}/shop/api`, tag: "v1" };
    expect((await dryRun(view, [view], to, options)).layers.map(({ title }) => title).toSorted()).toEqual([
      "layer 1 (one)",
      "layer 2 (two)",
    ]);
    expect(registry.requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
    await push(view, [to], { ...options, onPushed: () => {} });
    registry.requests.length = 0;
    expect(await dryRun(view, [view], to, options)).toEqual({ layers: [], documents: 0 });
    expect(registry.requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });

  test.each<[string, Fault | undefined, RegExp]>([
    ["a registry that fails", { status: 500 }, /failed; see its log/],
    ["a registry that requires a login", challenge('Basic realm="x"'), /requires a login/],
    ["no registry", undefined, /nothing listens at/],
  ])("fails for %s", async (_, fault, message) => {
    const address = fault === undefined ? "127.0.0.1:1" : (await fakeRegistry({ fault: () => fault })).address;
    await expect(dryRun(view, [view], { name: `${address}/shop/api`, tag: "v1" }, options)).rejects.toThrow(message);
  });
});
