/** Commands that read from a registry which answers wrongly: they try again, and say what it means. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { push } from "../../src/publish/push.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { viewOf, type View } from "../../src/serve/view.ts";
import { makeImage } from "../serve/image.ts";
import { errors, fakeRegistry, kind, type Fault, type FakeRegistry } from "./fake-registry.ts";
import { cleanUp, failure, files, folder, IMGC, imgc, living } from "./tools.ts";

let path = "";
let view: View;
const pool = new LayerPool();
cleanUp(async () => await pool[Symbol.asyncDispose]());

beforeAll(async () => {
  path = await makeImage(folder(), "fetch", { layers: { one: "first" } });
  view = viewOf(readImageDirectory(path));
});

/** A registry that has the image as shop/api:v1; the first `times` requests of a kind go wrong. */
async function serving(what: string, fault: Fault, times = Infinity): Promise<FakeRegistry & { image: string }> {
  let seen: number | undefined;
  const registry = await fakeRegistry({
    fault: (request) => {
      if (seen === undefined || kind(request) !== what) return undefined;
      return seen++ < times ? fault : undefined;
    },
  });
  const name = `${registry.address}/shop/api`;
  await push(view, [{ name, tag: "v1" }], { pool, insecure: true, delays: [], onPushed: () => {} });
  seen = 0;
  return { ...registry, image: `${name}:v1` };
}

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
  const { image, requests } = await serving(what, fault, 1);
  const { stderr } = await imgc(...commands[name](image));
  expect(stderr).toMatch(/; trying again in 1 s\n/);
  expect(requests.filter((each) => kind(each) === what).length).toBeGreaterThan(1);
});

test.each<[string, string, Fault, RegExp]>([
  [
    "a login that is wanted",
    "GET manifest",
    { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' }, body: errors("UNAUTHORIZED") },
    /requires a login/,
  ],
  ["no such image", "GET manifest", { status: 404, body: errors("MANIFEST_UNKNOWN") }, /has no such image/],
  ["a web page", "GET manifest", { status: 200, headers: { "Content-Type": "text/html" }, body: "<p>" }, /./],
])("%s is said, and nothing is tried again", async (_, what, fault, message) => {
  for (const [name, args] of Object.entries(commands)) {
    const { image } = await serving(what, fault);
    const { code, stderr } = await failure(imgc(...args(image)));
    expect([name, stderr]).toEqual([name, expect.stringMatching(message)]);
    expect(stderr).not.toMatch(/trying again|bug in imgc/);
    expect([1, 3]).toContain(code);
  }
});

test("a signal ends commands that wait for a registry, and the tools that they started", async () => {
  const pushing = (image: string) => ["push", "--insecure", path, image];
  for (const [name, args] of Object.entries({ ...commands, push: pushing })) {
    const { image, requests } = await serving("GET manifest", "hang");
    const temporary = folder();
    const before = requests.length;
    const child = spawn(process.execPath, [IMGC, ...args(image)], {
      stdio: "ignore",
      env: { ...process.env, TMPDIR: temporary },
    });
    const closed = once(child, "close") as Promise<[number | null]>;
    for (let i = 0; i < 100 && requests.slice(before).every((each) => kind(each) !== "GET manifest"); i++)
      await sleep(100);
    const started = performance.now();
    child.kill("SIGTERM");
    expect([name, (await closed)[0]]).toEqual([name, 143]);
    expect(performance.now() - started).toBeLessThan(3000);
    await expect.poll(() => living(temporary), { timeout: 3000 }).toEqual([]);
  }
});
