import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freshMachine } from "./fresh.ts";
import { failure, files, folder, IMGC, imgc, living, registry, tool, verified } from "./tools.ts";

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
/** Deletes the lock of the last build, as in a fresh checkout. */
function checkOut(file: string): void {
  rmSync(join(dirname(file), "imgc.lock"));
}
const narinfos = (cache: string) => readdirSync(cache).filter((name) => name.endsWith(".narinfo"));
/** Names of the store paths in a binary cache. */
const held = (cache: string) =>
  narinfos(cache).map((name) => /^StorePath: \S+?-(\S+)/.exec(readFileSync(join(cache, name), "utf8"))?.[1]);

test("a build fills the binary cache, and a fresh machine with the cache builds nothing", async () => {
  const file = spec('binary-cache "./cache"');
  const first = report(await imgc("build", file, "--json", "--no-link"));
  expect(first.built.length).toBeGreaterThan(2);
  checkOut(file);
  const machine = freshMachine("substitute = true\nsubstituters =");
  const second = report(await machine.imgc("build", file, "--json", "--no-link"));
  expect(second.built).toEqual([]);
  expect(second.images[0]?.digest).toBe(first.images[0]?.digest);
});

test("finished results are cached although a later step fails", async () => {
  const file = spec('binary-cache "./cache" { compression none }', "expect { layers <= 1 }");
  const { stderr } = await failure(imgc("build", file, "--no-link", "--set", `app=${stamp} fails`));
  expect(stderr).toContain("expect layers <= 1");
  expect(held(join(dirname(file), "cache"))).toContain("test-cache-plan-digests");
});

test("unused results are deleted; a cache above max-size is reported", async () => {
  const file = spec('binary-cache "./cache" { keep 1s max-size 1kB }');
  const cache = join(dirname(file), "cache");
  await imgc("build", file, "--no-link");
  const before = narinfos(cache);
  await sleep(2100);
  const { stderr } = await imgc("build", file, "--no-link", "--set", "app=two");
  expect(stderr).toMatch(/deleted \d unused results/);
  expect(stderr).toContain("more than max-size: this build uses them all");
  // Results of the previous build that this one also uses are kept.
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
  await sleep(2100);
  expect((await push(imgc, "push two")).stderr).toMatch(/deleted \d unused results/);
  const after = narinfos(cache);
  expect(before.filter((name) => !after.includes(name)).length).toBeGreaterThan(0);
  // Each layer of the image is still cached, also if this push neither built nor fetched it.
  expect(layers()).toBe(inFirst);
  const machine = freshMachine("substitute = true\nsubstituters =");
  expect((await push(machine.imgc, "push two")).stderr).toContain("no layer sent");
});

test("`push` fills a store elsewhere, and never fails a build", async () => {
  const elsewhere = folder();
  const file = spec(`push "file://${elsewhere}?compression=none"`);
  await imgc("build", file, "--no-link", "--set", "app=push");
  expect(held(elsewhere)).toEqual(expect.arrayContaining(["layer.json", "hello-2.10", "test-cache"]));
  const broken = spec('push "file:///proc/nowhere"');
  const { stderr } = await imgc("build", broken, "--no-link", "--set", "app=broken");
  expect(stderr).toMatch(/cannot copy to file:\/\/\/proc\/nowhere: /);
});

test("a full or read-only disk does not fail the build, and is reported", async () => {
  const file = spec('binary-cache "./at/cache" { compression none keep 1d }');
  const at = join(dirname(file), "at");
  mkdirSync(at);
  const on = (mount: string, app: string) => {
    const script = `${mount} && exec "\${@:2}"`;
    const command = [process.execPath, IMGC, "build", file, "--no-link", "--set", `app=${app}`];
    return tool("unshare", ["--mount", "bash", "-c", script, "bash", at, ...command]);
  };
  const full = await on('mount -t tmpfs -o size=64k none "$1"', "on a full disk");
  expect(full.stderr).toMatch(/cannot copy to file:.*: .*No space left on device/);
  expect(full.stderr).not.toContain("--show-trace");
  const readOnly = await on('mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"', "read only");
  expect(readOnly.stderr).toContain("cannot use the binary cache: ");
  const lost = files({ "file.imgspec": 'image "a" { cache { store "./file.imgspec" } }' });
  const { code, stderr } = await failure(imgc("build", lost, "--no-link"));
  expect([code, stderr]).toEqual([3, expect.stringContaining("cannot build in the store: ")]);
});

test("an interrupted build leaves its finished results in the cache", async () => {
  const file = spec('binary-cache "./cache"');
  const cache = join(dirname(file), "cache");
  const args = ["build", file, "--no-link", "--set", "app=stopped"];
  const build = spawn(process.execPath, [IMGC, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(build, "close");
  let said = "";
  build.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  while (!existsSync(cache) || narinfos(cache).length === 0) await sleep(20);
  build.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(said.trimEnd()).toMatch(/imgc: interrupted$/);
  await tool("nix", ["store", "verify", "--all", "--no-trust", "--store", `file://${cache}`]);
  const machine = freshMachine("substitute = true\nsubstituters =");
  const before = narinfos(cache);
  await imgc(...args);
  expect(narinfos(cache)).toEqual(expect.arrayContaining(before));
  checkOut(file);
  expect(report(await machine.imgc(...args, "--json")).built).toEqual([]);
});

test("the hook of a killed build is kept while its Nix runs, and the next build deletes it", async () => {
  const temporary = folder();
  const env = { TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1" };
  const file = spec('binary-cache "./cache"');
  const build = (app: string) => [IMGC, "build", file, "--no-link", "--set", `app=${app}`];
  const hooks = () => readdirSync(temporary).filter((name) => name.startsWith("imgc-hook-"));
  const killed = spawn(process.execPath, build("killed"), { stdio: "ignore", env: { ...process.env, ...env } });
  const ended = once(killed, "close");
  while (!hooks().some((name) => existsSync(join(temporary, name, "copy-results")))) await sleep(5);
  const left = hooks();
  // A process with the hook on its command line stands in for Nix.
  const nix = spawn("tail", ["-f", join(temporary, left[0] ?? "", "copy-results")], { stdio: "ignore" });
  killed.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  await tool(process.execPath, build("next"), env);
  expect(hooks()).toEqual(left);
  nix.kill("SIGKILL");
  await once(nix, "close");
  while (living(temporary).length > 0) await sleep(20);
  await tool(process.execPath, build("last"), env);
  expect(hooks()).toEqual([]);
});

test("a store in a folder can be archived, deleted by its owner and restored, and nothing is built again", async () => {
  const file = spec('store "./cache"');
  const place = dirname(file);
  const cache = join(place, "cache");
  mkdirSync(cache);
  // The packages are copied there; everything of the image is built there.
  await tool("nix", ["copy", "--no-check-sigs", "--to", cache, "-f", "<nixpkgs>", "hello", "nodejs"]);
  const link = join(place, "result");
  const first = report(await imgc("build", file, "--json", "-o", link));
  expect(first.images[0]?.output).toContain(`${cache}/nix/store/`);
  expect((await verified(link)).digests).toEqual([first.images[0]?.digest]);

  const archive = join(folder(), "cache.tar");
  await tool("tar", ["-C", place, "-cf", archive, "cache"]);
  // Works for any owner of the folder.
  for (const owner of ["65534", "0"]) {
    checkOut(file);
    await tool("chown", ["-R", owner, place]);
    await tool("setpriv", ["--reuid", owner, "--clear-groups", "rm", "-r", cache, link]);
    expect(existsSync(cache)).toBe(false);
    await tool("tar", ["-C", place, "-xf", archive, "--no-same-permissions"]);
    await tool("chown", ["-R", owner, place]);
    const again = report(await asUser(owner, place, "build", file, "--json", "-o", link));
    expect([again.built, again.images[0]?.digest]).toEqual([[], first.images[0]?.digest]);
  }
});

/** Runs `imgc` as a user without access to root's folders. */
function asUser(id: string, home: string, ...args: string[]) {
  const repository = join(import.meta.dirname, "../..");
  const seen = join(home, "imgc");
  mkdirSync(seen, { recursive: true });
  const at = (path: string) => join(seen, relative(repository, path));
  const script = 'mount --bind "$0" "$1" && exec setpriv --reuid "$2" --clear-groups "${@:3}"';
  const env = { HOME: home, NIX_PATH: `nixpkgs=${at(join(repository, "test/nixpkgs"))}` };
  const command = [at(process.execPath), at(IMGC), ...args];
  return tool("unshare", ["--mount", "bash", "-c", script, repository, seen, id, ...command], env);
}
