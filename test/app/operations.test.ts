import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileFile, expressionOf } from "../../src/app/compile.ts";
import { writeFlake } from "../../src/app/flake.ts";
import { lockReferences } from "../../src/app/lock.ts";
import { lockLayers } from "../../src/app/lock-layers.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { openImage, openImages } from "../../src/app/open-image.ts";
import { readArguments } from "../../src/app/parameters.ts";
import { pageData, pageOf } from "../../src/app/plan-page.ts";
import { costsOf } from "../../src/app/plan-costs.ts";
import { planArgument } from "../../src/app/plan-argument.ts";
import { ResultLinks } from "../../src/app/result-links.ts";
import { FileErrors, findFiles } from "../../src/app/spec-files.ts";
import { FLAKE_HEAD } from "../../src/compile/index.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { EXIT, Reported } from "../../src/util/errors.ts";
import { files, folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";
import { collector } from "./collector.ts";

const usage = expect.objectContaining({ exitCode: EXIT.usage }) as Error;

test("descriptions are found in folders, in order, without hidden folders and modules", () => {
  const at = folder();
  for (const name of [
    "b.imgspec",
    "a.imgspec",
    "sub/c.imgspec",
    ".hidden/d.imgspec",
    "node_modules/e.imgspec",
    "f.txt",
  ]) {
    mkdirSync(join(at, name, ".."), { recursive: true });
    writeFileSync(join(at, name), "");
  }
  symlinkSync("a.imgspec", join(at, "link.imgspec"));
  const named = ["a.imgspec", "b.imgspec", "sub/c.imgspec"].map((name) => join(at, name));
  expect(findFiles([at], new FileErrors())).toEqual(named);
  expect(findFiles([join(at, "b.imgspec"), at], new FileErrors())).toHaveLength(3);
  expect(() => findFiles([join(at, "nowhere")], new FileErrors())).toThrow(usage);
  expect(() => findFiles([folder()], new FileErrors())).toThrow(usage);
});

test("values of parameters must have a name and the type of the parameter", () => {
  const params = [
    { name: "release", type: "string" as const, default: null },
    { name: "most", type: "integer" as const, default: 3 },
  ];
  expect([...readArguments(["release=a=b", "most=80"], params, "a.imgspec")]).toEqual([
    ["release", "a=b"],
    ["most", "80"],
  ]);
  expect(() => readArguments(["release"], params, "a.imgspec")).toThrow(usage);
  expect(() => readArguments(["relaese=1"], params, "a.imgspec")).toThrow("`release`");
  expect(() => readArguments(["most=many"], params, "a.imgspec")).toThrow("integer");
});

test("links to results lead into a chroot store, and replace older ones", () => {
  expect(new ResultLinks(null, "").options).toEqual(["--no-link"]);
  expect(new ResultLinks("result", "").options).toEqual(["--out-link", "result"]);
  const root = folder();
  const link = join(root, "result");
  const links = new ResultLinks(link, root);
  expect(links.options[1]).toContain(`${root}/nix/var/nix/gcroots/`);
  for (const outputs of [["/nix/store/old"], ["/nix/store/new", "/nix/store/second"]]) links.finish(outputs);
  expect([link, `${link}-1`].map((each) => readlinkSync(each))).toEqual([
    join(root, "nix/store/new"),
    join(root, "nix/store/second"),
  ]);
});

test("opening names what was found in place of an image", async () => {
  const root = folder();
  const image = await makeImage(root, "open", { layers: { app: "data" } });
  expect(openImage(image).file.name).toBe("test/app");
  expect(openImages(image)).toHaveLength(1);
  expect(() => openImage(join(root, "nowhere"))).toThrow("does not exist");
  expect(() => openImage(root)).toThrow("image.json");
  writeFileSync(join(root, "oci-layout"), "{}");
  expect(() => openImage(root)).toThrow("OCI layout");
  expect(() => openImage(root)).toThrow(usage);
});

const SPEC = `param release = "dev"
image "shop/api" { tag $release platforms [ linux/amd64 linux/arm64 ] packages [ hello ] }
image "shop/web" { base image "shop/api" platforms [ linux/amd64 linux/arm64 ] }
`;

test("a description is compiled for one image, one platform and given values", () => {
  const file = files({ "a.imgspec": SPEC });
  const { reporter, codes } = collector();
  const whole = compileFile(file, {}, reporter);
  expect(whole.attributes).toEqual(["api", "web"]);
  const one = compileFile(file, { image: "shop/api", platform: "linux/arm64", set: ["release=v2"] }, reporter);
  expect(expressionOf(one)).not.toContain("shop/web");
  expect(expressionOf(one)).toContain('"v2"');
  expect(one.spec.images.map(({ platforms }) => platforms.length)).toEqual([1, 1]);
  expect(codes).toEqual([]);
  expect(() => compileFile(file, { image: "shop/apo" }, reporter)).toThrow("shop/api");
  expect(() => compileFile(file, { platform: "linux/s390x" }, reporter)).toThrow("linux/amd64");
  expect(() => compileFile(file, { platform: "arm" }, reporter)).toThrow("--platform");
});

test("a file without images is a wrong argument", async () => {
  for (const text of ['let a = "b"\n', ""]) {
    const spec = files({ "n.imgspec": text });
    const none = expect.objectContaining({
      exitCode: EXIT.usage,
      message: expect.stringContaining(`${spec} declares no image: add`) as string,
    }) as Error;
    expect(() => compileFile(spec, {}, collector().reporter)).toThrow(none);
    const { reporter } = collector();
    const stoppable = async <T>(work: (signal: AbortSignal) => Promise<T>) => await work(new AbortController().signal);
    await expect(lockReferences(spec, { update: false, reporter, stoppable, onPinned: () => {} })).rejects.toThrow(
      none,
    );
  }
});

test("mistakes, and references without a pin, are reported and end the command", () => {
  const { reporter, codes } = collector();
  const wrong = files({ "a.imgspec": 'image "a" { tga "v1" }' });
  expect(() => compileFile(wrong, {}, reporter)).toThrow(Reported);
  const unpinned = files({ "a.imgspec": 'image "a" { base registry "example.org/base:1" }' });
  expect(() => compileFile(unpinned, {}, reporter)).toThrow(Reported);
  expect(codes).toEqual(["unknown-setting", "not-pinned"]);
});

test("a flake holds the functions and the copied files, and replaces no other folder", () => {
  const at = folder();
  mkdirSync(join(at, "src/sub"), { recursive: true });
  writeFileSync(join(at, "src/sub/file"), "data");
  writeFileSync(join(at, "src/left.log"), "");
  symlinkSync("sub/file", join(at, "src/link"));
  const rules = { exclude: ["*.log"], all: false, within: at };
  const flake = {
    files: new Map([["flake.nix", `${FLAKE_HEAD}\n{ }`]]),
    copies: new Map([["sources/src", { from: join(at, "src"), rules }]]),
  };
  const to = join(at, "flake");
  for (let i = 0; i < 2; i++) writeFlake(flake, to);
  expect(readFileSync(join(to, "sources/src/sub/file"), "utf8")).toBe("data");
  expect(lstatSync(join(to, "sources/src/link")).isSymbolicLink()).toBe(true);
  expect(existsSync(join(to, "sources/src/left.log"))).toBe(false);
  expect(existsSync(join(to, "imgc/nix/default.nix"))).toBe(true);
  expect(() => writeFlake(flake, join(at, "src"))).toThrow(usage);
});

test("the plan of an image, and its page beside an older one", async () => {
  const root = folder();
  const old = await makeImage(root, "old", { layers: { libc: "c", app: "old" } });
  const before = await planArgument(old, {}, collector().context);
  const fresh = folder();
  const image = await makeImage(fresh, "new", { layers: { libc: "c", app2: "new </script>" } });
  const view = await planArgument(image, {}, collector().context);
  expect(view.layers.map(({ name, paths }) => [name, paths.length])).toEqual([
    ["libc", 1],
    ["app2", 1],
  ]);
  const costs = costsOf(view);
  expect(costs.plan).toBeGreaterThan(0);
  const data = await pageData({ ...view, title: "</script>" }, costs, before);
  expect(data.layers.map(({ isNew }) => isNew)).toEqual([false, true]);
  expect(data.paths.map(({ name, isNew, files: held }) => [name, isNew, held[0]?.[0]])).toEqual([
    ["libc", false, "data"],
    ["app2", true, "data"],
  ]);
  expect(pageOf(data)).not.toContain('"</script>');
});

test("a build's layers go into the lock, which is written only when it changes", async () => {
  const spec = files({ "a.imgspec": 'image "test/app" { }' });
  const image = readImageDirectory(await makeImage(folder(), "lock", { layers: { "libc-2": "c", "app-1": "a" } }));
  const images = [{ output: "/out", image, digest: "", inputs: {} }];
  const built = { images, lock: EMPTY_LOCK, sharing: undefined };
  lockLayers(spec, built);
  const lock = join(spec, "../imgc.lock");
  const text = readFileSync(lock, "utf8");
  expect(JSON.parse(text)).toMatchObject({
    layers: { "test/app": { rebuilds: 0, packages: { app: "layer 2, version 1", libc: "layer 1, version 2" } } },
  });
  const { mtimeMs } = lstatSync(lock);
  lockLayers(spec, built);
  expect(lstatSync(lock).mtimeMs).toBe(mtimeMs);
});
