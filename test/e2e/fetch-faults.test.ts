/** Reads from a faulty registry: retries and messages. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { verify } from "../../src/verify/verify.ts";
import { push } from "../../src/publish/push.ts";
import { fetchBlob } from "../../src/registry/fetch.ts";
import { fetchLayout } from "../../src/registry/fetch-layout.ts";
import { pin } from "../../src/registry/pin.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { retrying } from "../../src/registry/retry.ts";
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
import { cleanUp, failure, files, folder, IMGC, imgc, living, verified } from "./tools.ts";

let path = "";
let view: View;
const pool = new LayerPool();
cleanUp(async () => await pool[Symbol.asyncDispose]());

beforeAll(async () => {
  path = await makeImage(folder(), "fetch", { layers: { one: "first" } });
  view = viewOf(readImageDirectory(path));
});

/** A registry with the image shop/api:v1, and the given behaviour. */
async function serving(
  { fault = () => undefined, ...others }: Behaviour,
  pushed = view,
): Promise<FakeRegistry & { image: string }> {
  let isFilled = false;
  const counts = new Map<string, number>();
  const registry = await fakeRegistry({
    ...others,
    fault: (request) => {
      if (!isFilled) return undefined;
      const earlier = counts.get(kind(request)) ?? 0;
      counts.set(kind(request), earlier + 1);
      return fault({ ...request, earlier });
    },
  });
  const name = `${registry.address}/shop/api`;
  await push(pushed, [{ name, tag: "v1" }], { pool, insecure: true, delays: [], onPushed: () => {} });
  isFilled = true;
  registry.requests.length = 0;
  return { ...registry, image: `${name}:v1` };
}

/** The first `times` requests of a kind fail. */
const wrong = (what: string, fault: Fault, times = Infinity): Behaviour => ({
  fault: (request) => (kind(request) === what && request.earlier < times ? fault : undefined),
});

interface Patience {
  silence: number;
  delays: number[];
  onRetry: (message: string) => void;
}

/** The ways in which commands and builders read; each throws if reading fails. */
const readers = {
  /** `verify` and `diff`, with skopeo. */
  async verify(image: string, { silence, ...patience }: Patience): Promise<void> {
    const layout = join(folder(), "layout");
    const options = { insecure: true, silence };
    await retrying(image, { use: "fetch", ...patience }, () => fetchLayout(parseReference(image), layout, options));
    const { digests, findings } = await verify(layout);
    expect({ digests, findings }).toEqual({ digests: [view.manifest.digest], findings: [] });
  },
  /** `lock`, with skopeo. */
  async lock(image: string, { silence, ...patience }: Patience): Promise<void> {
    const pinned = await retrying(image, { use: "fetch", ...patience }, () =>
      pin(image, null, ["linux/amd64"], { silence }),
    );
    expect(pinned.digest).toBe(view.manifest.digest);
  },
  /** The builder of a public base. */
  async base(image: string, patience: Patience): Promise<void> {
    const reference = parseReference(image);
    const into = folder();
    await fetchBlob(reference, "manifests", view.manifest.digest, join(into, "manifest"), patience);
    for (const digest of view.blobs.keys()) await fetchBlob(reference, "blobs", digest, join(into, "blob"), patience);
  },
};
type Reader = keyof typeof readers;

async function read(reader: Reader, behaviour: Behaviour, silence = 20_000) {
  const { image, address, requests } = await serving(behaviour);
  const said: string[] = [];
  const onRetry = (message: string): void => void said.push(message.replaceAll(address, "REGISTRY"));
  let error: string | undefined;
  try {
    await readers[reader](image, { silence, delays: [10, 20, 40], onRetry });
  } catch (thrown) {
    error = (thrown as Error).message.replaceAll(address, "REGISTRY");
  }
  return { error, retries: said, requests };
}

/** At once, since most of the time is spent waiting. */
async function forEach(some: readonly Reader[], use: (reader: Reader) => Promise<void>): Promise<void> {
  await Promise.all(some.map(use));
}

/** The registry requires a token; the token server answers with `token`. */
const withToken = (token: (earlier: number) => Fault): Behaviour => ({
  fault: ({ url, headers, earlier }) => {
    if (url.startsWith("/token")) return token(earlier);
    const isAllowed = headers.authorization === "Bearer t";
    return isAllowed ? undefined : challenge(`Bearer realm="http://${headers.host}/token",service="x"`);
  },
});
const TOKEN: Fault = { status: 200, body: '{"token":"t"}' };
/** Redirects each request for content to `place`. */
const redirected = (what: string, place: (url: string) => string): Behaviour => ({
  fault: (request) => (kind(request) === what ? { status: 307, headers: { Location: place(request.url) } } : undefined),
});
const ALL = ["verify", "lock", "base"] as const;
/** The builder requests only blobs and manifests. */
const SKOPEO = ["verify", "lock"] as const;

describe("temporary faults: reading is retried with a message, and succeeds", () => {
  test.each<[string, Behaviour, readonly Reader[]]>([
    ["500 at the manifest", wrong("GET manifest", { status: 500 }, 1), ALL],
    ["502 with a web page", wrong("GET manifest", html(502), 1), ALL],
    ["503 at the first request", wrong("GET ping", { status: 503 }, 1), SKOPEO],
    ["504 at a blob, twice", wrong("GET blob", { status: 504 }, 2), ALL],
    ["500 of the token server", withToken((earlier) => (earlier === 0 ? { status: 500 } : TOKEN)), ALL],
    ["cut at the first request", wrong("GET ping", "cut", 1), SKOPEO],
    ["cut at the manifest", wrong("GET manifest", "cut", 1), ALL],
    ["cut at a blob", wrong("GET blob", "cut", 1), ALL],
    ["cut within the manifest", wrong("GET manifest", "break", 1), ALL],
    ["cut within a blob", wrong("GET blob", "break", 1), ALL],
  ])("%s", async (_, behaviour, some) => {
    await forEach(some, async (reader) => {
      const { error, retries } = await read(reader, behaviour);
      expect([reader, error]).toEqual([reader, undefined]);
      // skopeo from 1.10 on fetches the rest of a blob by itself.
      if (reader === "base") expect(retries).not.toEqual([]);
      for (const retry of retries) expect(retry).toMatch(/REGISTRY.*; trying again in 0\.0\d s$/);
    });
  });

  test("429 at the manifest and at a blob", async () => {
    for (const what of ["GET manifest", "GET blob"]) {
      await forEach(ALL, async (reader) => {
        const { error, requests } = await read(reader, wrong(what, limited, 2));
        expect([reader, error]).toEqual([reader, undefined]);
        expect(requests.filter((request) => kind(request) === what).length).toBeGreaterThan(2);
      });
    }
  });

  test.each<[string, Behaviour, readonly Reader[]]>([
    ["no answer to the first request", wrong("GET ping", "hang", 1), SKOPEO],
    ["no answer at the manifest", wrong("GET manifest", "hang", 1), ALL],
    ["no answer at a blob", wrong("GET blob", "hang", 1), ALL],
    ["half a manifest", wrong("GET manifest", "stall", 1), ALL],
    ["half a blob", wrong("GET blob", "stall", 1), ALL],
  ])("silence: %s", async (_, behaviour, some) => {
    await forEach(some, async (reader) => {
      const { error, retries } = await read(reader, behaviour, 1500);
      expect([reader, error]).toEqual([reader, undefined]);
      expect([reader, retries[0]]).toEqual([reader, expect.stringContaining("gave no answer for 2 s; trying again")]);
    });
  });
});

const NO_LOGIN = /requires a login.*`skopeo login/;
const FORBIDDEN = /REGISTRY denied access, or has no such image/;
const GONE = /lacks sha256:\w+; `imgc lock --update`/;

/** Messages of `verify` and `lock`, and of the builder; null if the builder makes no such request. */
const lasting: [string, Behaviour, RegExp, RegExp | null][] = [
  [
    "500 always",
    wrong("GET manifest", { status: 500 }),
    /failed; see its log.*4 attempts failed$/,
    /failed: 500.*4 attempts failed$/,
  ],
  ["503 always", wrong("GET ping", { status: 503 }), /failed; see its log.*; all 4 attempts failed$/, null],
  [
    "504 always at blobs",
    wrong("GET blob", { status: 504 }),
    /failed; see its log.*4 attempts failed$/,
    /failed: 504.*4 attempts failed$/,
  ],
  [
    "cut always",
    wrong("GET manifest", "cut"),
    /connection to REGISTRY broke.*4 attempts failed$/,
    /broke.*4 attempts failed$/,
  ],
  [
    "cut always at blobs",
    wrong("GET blob", "cut"),
    /connection to REGISTRY broke.*4 attempts failed$/,
    /broke.*4 attempts failed$/,
  ],
  [
    "cut always within blobs",
    wrong("GET blob", "break"),
    /REGISTRY broke.*4 attempts failed$/,
    /broke.*4 attempts failed$/,
  ],
  [
    "429 always",
    wrong("GET manifest", limited),
    /reached its limit of requests.*4 attempts failed$/,
    /reached its limit of requests.*4 attempts failed$/,
  ],
  ["429 at /v2/", wrong("GET ping", limited), /reached its limit of requests.*4 attempts failed$/, null],
  ["418 at /v2/", wrong("GET ping", { status: 418 }), /answers \/v2\/ with an unexpected status/, null],
  ["a file as token server", { fault: () => challenge('Bearer realm="file:///x"') }, /names no usable address/, null],
  ["401, Basic", { fault: () => challenge('Basic realm="x"') }, NO_LOGIN, NO_LOGIN],
  ["401 with an empty challenge", { fault: () => challenge("") }, NO_LOGIN, NO_LOGIN],
  ["401 without a challenge", { fault: () => ({ status: 401 }) }, NO_LOGIN, NO_LOGIN],
  ["a token server that refuses", withToken(() => ({ status: 403 })), FORBIDDEN, NO_LOGIN],
  ["a token server that answers nonsense", withToken(() => html(200)), /text that is not JSON/, NO_LOGIN],
  ["403 in JSON", wrong("GET manifest", { status: 403, body: errors("DENIED") }), FORBIDDEN, NO_LOGIN],
  ["403 with a web page", wrong("GET manifest", html(403)), FORBIDDEN, NO_LOGIN],
  ["403 at blobs", wrong("GET blob", html(403)), FORBIDDEN, NO_LOGIN],
  ["404 at /v2/", wrong("GET ping", { status: 404 }), /is not a registry: it answers 404/, null],
  [
    "no such repository",
    wrong("GET manifest", { status: 404, body: errors("NAME_UNKNOWN") }),
    /has no such image/,
    GONE,
  ],
  [
    "no such image",
    wrong("GET manifest", { status: 404, body: errors("MANIFEST_UNKNOWN") }),
    /has no such image/,
    GONE,
  ],
  ["404 without words", wrong("GET manifest", { status: 404 }), /has no such image/, GONE],
  ["404 with a web page", wrong("GET manifest", html(404)), /has no such image/, GONE],
  ["a lost blob", wrong("GET blob", { status: 404, body: errors("BLOB_UNKNOWN") }), /lost a part of the image/, GONE],
  ["a web page for everything", { fault: () => html(200) }, /that is not JSON: is it a registry/, /sent a web page/],
  [
    "a web page for blobs",
    wrong("GET blob", html(200)),
    /manipulated, or (it|the registry) is damaged/,
    /sent a web page/,
  ],
  [
    "other bytes",
    wrong("GET blob", { status: 200, body: "x" }),
    /manipulated, or (it|the registry) is damaged/,
    /sent sha256:\w+ instead of/,
  ],
  ["redirects without end", redirected("GET blob", (url) => url), /no usable address/, /redirect count exceeded/],
  ["a redirect to nowhere", wrong("GET blob", { status: 307 }), /no usable address/, /with 307/],
  ["another status", wrong("GET manifest", { status: 418 }), /418/, /with 418/],
];

describe("permanent faults: the message explains the fault", () => {
  test.each(lasting)("%s", async (_, behaviour, words, builderWords) => {
    await forEach(builderWords === null ? SKOPEO : ALL, async (reader) => {
      const { error = "", retries } = await read(reader, behaviour);
      const [wanted, place] =
        reader === "base" ? [builderWords as RegExp, /REGISTRY\/shop\/api/] : [words, /^REGISTRY\/shop\/api:v1\b/];
      expect([reader, error]).toEqual([reader, expect.stringMatching(wanted)]);
      expect(error).toMatch(place);
      // Only temporary failures are retried.
      expect([error, retries.length]).toEqual([error, error.endsWith("all 4 attempts failed") ? 3 : 0]);
    });
  });

  test("a registry that never answers", async () => {
    await forEach(ALL, async (reader) => {
      const { error } = await read(reader, wrong("GET manifest", "hang"), 300);
      expect([reader, error]).toEqual([
        reader,
        expect.stringMatching(/^REGISTRY.* gave no answer for 0 s; all 4 attempts failed$/),
      ]);
    });
  });

  test("a manifest with another digest", async () => {
    const type = "application/vnd.oci.image.manifest.v1+json";
    const other = wrong("GET manifest", { status: 200, headers: { "Content-Type": type }, body: "{}" });
    await forEach(ALL, async (reader) => expect((await read(reader, other)).error).toBeDefined());
  });

  test("a redirect to a closed port names the port", async () => {
    // The system gives no program a port below 1024 by itself.
    const closed = "127.0.0.1:2";
    await forEach(ALL, async (reader) => {
      const { error } = await read(
        reader,
        redirected("GET blob", (url) => `http://${closed}${url}`),
      );
      const nobody = reader === "base" ? `ECONNREFUSED ${closed}` : `nothing listens at ${closed}`;
      expect([reader, error]).toEqual([reader, expect.stringContaining(nobody)]);
    });
  });
});

describe("unusual but correct registries", () => {
  test.each<[string, Behaviour]>([
    ["slow answers", { delay: 100 }],
    ["a token that anyone gets", withToken(() => TOKEN)],
    [
      "relative redirects",
      {
        fault: (request) => {
          if (kind(request) !== "GET blob" || request.url.endsWith("?x")) return undefined;
          return { status: 307, headers: { Location: `./${request.url.slice(request.url.lastIndexOf("/") + 1)}?x` } };
        },
      },
    ],
  ])("%s", async (_, behaviour) => {
    await forEach(ALL, async (reader) => expect((await read(reader, behaviour)).error).toBeUndefined());
  });

  test("blobs on another server", async () => {
    const { address } = await serving({});
    const there = redirected("GET blob", (url) => `http://${address}${url}`);
    await forEach(ALL, async (reader) => expect((await read(reader, there)).error).toBeUndefined());
  });
});

type Name = "verify" | "diff" | "lock";
const commands: Record<Name, (image: string) => string[]> = {
  verify: (image) => ["verify", "--insecure", image],
  diff: (image) => ["diff", "--insecure", image, image],
  lock: (image) => ["lock", files({ "a.imgspec": `image "a" {\n  base registry "${image}"\n}\n` })],
};

test.each<[Name, string, Fault]>([
  ["verify", "GET manifest", { status: 503 }],
  ["diff", "GET manifest", { status: 502, headers: { "Content-Type": "text/html" }, body: "<p>" }],
  ["lock", "GET manifest", { status: 500 }],
])("%s tries again, and says so", async (name, what, fault) => {
  const { image, requests } = await serving(wrong(what, fault, 1));
  const { stderr } = await imgc(...commands[name](image));
  expect(stderr).toMatch(/; trying again in 1 s\n/);
  expect(requests.filter((each) => kind(each) === what).length).toBeGreaterThan(1);
});

test("each command reports permanent faults, with its exit code", async () => {
  for (const [name, args] of Object.entries(commands)) {
    const { image } = await serving({ fault: () => html(200) });
    const { code, stderr } = await failure(imgc(...args(image)));
    expect([name, code, stderr]).toEqual([name, 3, expect.stringMatching(/that is not JSON: is it a registry/)]);
    expect(stderr).not.toMatch(/trying again|bug in imgc|imgc-fetched/);
  }
});

test("a build fails if a blob of its base always breaks off, and succeeds once the registry sends the whole blob", async () => {
  // A layer that is not in the store.
  const made = readImageDirectory(await makeImage(folder(), "fetch", { layers: { one: randomUUID() } }));
  const layer = made.layers[0]?.digest ?? "";
  let isBroken = true;
  const { image } = await serving(
    {
      fault: ({ url, method }) => (isBroken && method === "GET" && url.endsWith(layer) ? "break" : undefined),
    },
    viewOf(made),
  );
  const spec = files({ "a.imgspec": `image "a" {\n  base registry "${image}"\n}\n` });
  // The lock pins the base before the build, which fetches its blobs.
  const { code, stderr } = await failure(imgc("lock", spec));
  expect([code, stderr]).toEqual([1, expect.stringMatching(/a\.imgspec:2:\d+: error: .*; all 4 attempts failed/)]);
  expect(stderr).toMatch(/the connection to \S+\/shop\/api broke: .*; trying again in 1 s/);
  expect(stderr).not.toMatch(/bug in imgc|^\s+at /m);
  isBroken = false;
  const link = join(dirname(spec), "result");
  await imgc("build", spec, "-o", link);
  await verified(link);
});

test("a signal ends commands that wait for a registry, and their tools", async () => {
  const pushing = (image: string) => ["push", "--insecure", path, image];
  for (const [name, args] of Object.entries({ ...commands, push: pushing })) {
    const { image, requests } = await serving(wrong("GET manifest", "hang"));
    const temporary = folder();
    const child = spawn(process.execPath, [IMGC, ...args(image)], {
      stdio: "ignore",
      env: { ...process.env, TMPDIR: temporary },
    });
    const closed = once(child, "close") as Promise<[number | null]>;
    for (let i = 0; i < 100 && requests.every((each) => kind(each) !== "GET manifest"); i++) await sleep(100);
    const started = performance.now();
    child.kill("SIGTERM");
    expect([name, (await closed)[0]]).toEqual([name, 143]);
    expect(performance.now() - started).toBeLessThan(3000);
    await expect.poll(() => living(temporary), { timeout: 3000 }).toEqual([]);
  }
});
