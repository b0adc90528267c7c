import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { freshMachine } from "./fresh.ts";
import { failure, files, folder, imgc, registry, tool, verified } from "./tools.ts";

interface Report {
  images: { digest: string; output: string }[];
  built: { name: string }[];
}

const stamp = `${Date.now()}`;
const spec = (cache: string, more = "") =>
  files({
    "app.imgspec": `param app = "one"
    image "test/cache" {
      tag "v1"
      packages [ hello ]
      files { "/app" text "${stamp} \${$app}" }
      cache { ${cache} }
      ${more}
    }`,
  });
const report = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Report;
const narinfos = (cache: string) => readdirSync(cache).filter((name) => name.endsWith(".narinfo"));
/** Names of the store paths that a binary cache has. */
const held = (cache: string) =>
  narinfos(cache).map((name) => /^StorePath: \S+?-(\S+)/.exec(readFileSync(join(cache, name), "utf8"))?.[1]);

test("a binary cache is filled by a build, and a machine that has nothing else builds nothing", async () => {
  const file = spec('binary-cache "./cache"');
  const first = report(await imgc("build", file, "--json", "--no-link"));
  expect(first.built.length).toBeGreaterThan(2);
  const machine = freshMachine("substitute = true\nsubstituters =");
  const second = report(await machine.imgc("build", file, "--json", "--no-link"));
  expect(second.built).toEqual([]);
  expect(second.images[0]?.digest).toBe(first.images[0]?.digest);
});

test("results are there although a later step fails", async () => {
  const file = spec('binary-cache "./cache" { compression none }', "expect { layers <= 1 }");
  const { stderr } = await failure(imgc("build", file, "--no-link", "--set", `app=${stamp} fails`));
  expect(stderr).toContain("expect layers <= 1");
  expect(held(join(dirname(file), "cache"))).toContain("layer.json");
});

test("what no build used for long goes out; what is too much is said", async () => {
  const file = spec('binary-cache "./cache" { keep 1s max-size 1kB }');
  const cache = join(dirname(file), "cache");
  await imgc("build", file, "--no-link");
  const before = narinfos(cache);
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const { stderr } = await imgc("build", file, "--no-link", "--set", "app=two");
  expect(stderr).toMatch(/\d results that nothing used were taken out/);
  expect(stderr).toContain("more than max-size: this build alone uses as much");
  // Of the build before, what this one uses as well is left.
  const after = narinfos(cache);
  expect(before.filter((name) => after.includes(name)).length).toBeGreaterThan(0);
  expect(before.filter((name) => !after.includes(name)).length).toBeGreaterThan(0);
  const machine = freshMachine("substitute = true\nsubstituters =");
  expect(report(await machine.imgc("build", file, "--json", "--no-link", "--set", "app=two")).built).toEqual([]);
});

test("a push of a description fills its binary cache and prunes it as a build does", async () => {
  const file = spec('binary-cache "./cache" { keep 1s }');
  const cache = join(dirname(file), "cache");
  const to = `${await registry()}/cache/pushed`;
  const push = async (by: typeof imgc, app: string) => by("push", file, to, "--insecure", "--set", `app=${app}`);
  const layers = () => held(cache).filter((name) => name === "layer.json").length;
  await push(imgc, "push one");
  const before = narinfos(cache);
  const inFirst = layers();
  await new Promise((resolve) => setTimeout(resolve, 2100));
  expect((await push(imgc, "push two")).stderr).toMatch(/\d results that nothing used were taken out/);
  const after = narinfos(cache);
  expect(before.filter((name) => !after.includes(name)).length).toBeGreaterThan(0);
  // Of each layer of the image there is one still, also of those that nobody built or fetched this time.
  expect(layers()).toBe(inFirst);
  const machine = freshMachine("substitute = true\nsubstituters =");
  expect((await push(machine.imgc, "push two")).stderr).toContain("no layer had to be sent");
});

test("`push` fills a store elsewhere, and never fails a build", async () => {
  const elsewhere = folder();
  const file = spec(`push "file://${elsewhere}"`);
  await imgc("build", file, "--no-link", "--set", "app=push");
  expect(held(elsewhere)).toEqual(expect.arrayContaining(["layer.json", "hello-2.10", "test-cache"]));
  const broken = spec('push "file:///proc/nowhere"');
  const { stderr } = await imgc("build", broken, "--no-link", "--set", "app=broken");
  expect(stderr).toMatch(/not copied to file:\/\/\/proc\/nowhere: /);
});

test("a store in a folder can be archived, deleted by its owner and restored, and nothing is built again", async () => {
  const file = spec('store "./cache"');
  const place = dirname(file);
  const cache = join(place, "cache");
  mkdirSync(cache);
  // The packages are brought there; everything of the image is built in it.
  await tool("nix", ["copy", "--no-check-sigs", "--to", cache, "-f", "<nixpkgs>", "hello", "nodejs"]);
  const link = join(place, "result");
  const first = report(await imgc("build", file, "--json", "-o", link));
  expect(first.images[0]?.output).toContain(`${cache}/nix/store/`);
  expect((await verified(link)).digests).toEqual([first.images[0]?.digest]);

  const archive = join(folder(), "cache.tar");
  await tool("tar", ["-C", place, "-cf", archive, "cache"]);
  await tool("chown", ["-R", "65534", place]);
  await tool("setpriv", ["--reuid", "65534", "--clear-groups", "rm", "-r", cache]);
  expect(existsSync(cache)).toBe(false);
  await tool("chown", ["-R", "0", place]);
  await tool("tar", ["-C", place, "-xf", archive, "--no-same-permissions"]);
  const second = report(await imgc("build", file, "--json", "-o", link));
  expect(second.built).toEqual([]);
  expect((await verified(link)).digests).toEqual([first.images[0]?.digest]);
});
