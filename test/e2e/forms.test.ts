/** Two forms of an image behind one tag: gzip for clients without zstd, and zstd. */
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readIndexDirectory, type IndexDirectory } from "../../src/image/index-directory.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { sha256, toHex } from "../../src/oci/digest.ts";
import { proxy, type Proxy } from "./proxy.ts";
import { build, buildText, cleanUp, failure, files, folder, imgc, registry, tool, verified } from "./tools.ts";

const WORDS = "some words; ".repeat(9999);
const SPEC = `image "test/forms" {
  tag "v1"
  store [ nix ''builtins.toFile "words" "${WORDS}"'' ]
  files { "/etc/motd" text "two forms" }
  compression [ gzip 6 zstd 3 { chunked } ]
}
`;
const ZSTD = { "io.github.containers.compression.zstd": "true" };

let path: string;
let image: IndexDirectory;
let front: Proxy;
beforeAll(async () => {
  ({ path } = await buildText(SPEC));
  image = readIndexDirectory(path);
  front = await proxy(await registry());
});

const layerDigests = (form: number) => image.images[form]?.layers.map(({ digest }) => digest);

test("the index lists the gzip form, then the zstd form of the same layers", async () => {
  expect(image.parts.map(({ annotations }) => annotations)).toEqual([undefined, ZSTD]);
  const [gzip, zstd] = image.images;
  expect(gzip?.configBytes).toEqual(zstd?.configBytes);
  expect(gzip?.layers.map(({ compression }) => compression)).toEqual(
    gzip?.layers.map(() => ({ algorithm: "gzip", level: 6 })),
  );
  expect(zstd?.layers[0]?.compression).toEqual({ algorithm: "zstd", level: 3, chunked: true });
  // A single derivation makes both recipes of a layer.
  const made = (form: string) =>
    image.images[0]?.layers.map((_, i) => {
      const [, , , store] = realpathSync(join(path, "images", form, `layers/00${i}.json`)).split("/");
      return store;
    });
  expect(made("000")).toEqual(made("001"));
});

test("verify reads both forms, and finds a change in either", async () => {
  const { stdout } = await imgc("verify", path);
  expect(stdout).toContain("OK: all digests match\nimage    image directory in two forms, ");
  const copy = join(folder(), "copy");
  await tool("cp", ["-RL", realpathSync(path), copy]);
  await tool("chmod", ["-R", "u+w", copy]);
  for (const [form, name] of ["gzip", "zstd"].entries()) {
    const recipe = join(copy, `images/00${form}/layers/000.json`);
    const text = readFileSync(recipe, "utf8");
    const digest = layerDigests(form)?.[0] as string;
    writeFileSync(
      recipe,
      text.replace(
        digest,
        digest.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      ),
    );
    const { code, stdout: found } = await failure(imgc("verify", copy));
    expect(code).toBe(1);
    expect(found.replace(/\s+/g, " ")).toContain(`linux/amd64, ${name} form: layer 1 (auto), digest: claimed`);
    writeFileSync(recipe, text);
  }
});

test("a layout has both forms, and verify finds a changed bit in either", async () => {
  const { path: built } = await buildText(SPEC, { attribute: "oci" });
  expect((await verified(built)).digests).toEqual(image.parts.map(({ digest }) => digest));
  const copy = join(folder(), "copy");
  await tool("cp", ["-RL", realpathSync(built), copy]);
  await tool("chmod", ["-R", "u+w", copy]);
  for (const form of [0, 1]) {
    const blob = join(copy, "blobs/sha256", toHex(layerDigests(form)?.at(-1) as string));
    const bytes = readFileSync(blob);
    const changed = Buffer.from(bytes);
    // The level and the checksum of the first block.
    changed[8] = (changed[8] as number) ^ 1;
    writeFileSync(blob, changed);
    expect((await failure(imgc("verify", copy))).code).toBe(1);
    writeFileSync(blob, bytes);
  }
});

/** The digests of the blobs that podman fetches. */
async function pulled(reference: string): Promise<Set<string>> {
  const storage = folder();
  const conf = `[storage]\ndriver = "overlay"\ngraphroot = "${storage}/graph"\nrunroot = "${storage}/run"\n`;
  const env = { CONTAINERS_STORAGE_CONF: files({ "storage.conf": conf }) };
  cleanUp(() => tool("podman", ["rmi", "--all", "--force"], env));
  front.asked.length = 0;
  await tool("podman", ["pull", "--quiet", "--tls-verify=false", `${front.address}/${reference}`], env);
  return new Set(front.asked.flatMap(({ url }) => /\/blobs\/(.*)$/.exec(url)?.[1] ?? []));
}

test("a push sends both forms, and podman pulls one of them by the tag", async () => {
  const { stdout } = await imgc("push", "--insecure", path, `${front.address}/forms`);
  const { stdout: index } = await tool("skopeo", [
    "inspect",
    "--raw",
    "--tls-verify=false",
    `docker://${front.address}/forms:v1`,
  ]);
  expect(index).toBe(image.bytes.toString());
  expect(stdout).toContain(`@${(await verified(path)).digests[0]}`);
  expect((await imgc("push", "--insecure", path, `${front.address}/forms`)).stderr).toContain("no layer sent");

  const { stdout: version } = await tool("podman", ["version", "--format", "{{.Client.Version}}"]);
  // Podman 4.3 does not know the annotation, and takes the first image of its platform.
  const form = Number(version.split(".")[0]) < 5 ? 0 : 1;
  const config = image.images[form]?.manifest.config.digest as string;
  expect(await pulled("forms:v1")).toEqual(new Set([config, ...(layerDigests(form) ?? [])]));
});

test("a push of a description sends and signs both forms, and a dry run names each layer once", async () => {
  const spec = files({ "forms.imgspec": SPEC });
  const to = `${front.address}/spec`;
  const { stdout: dry } = await imgc("push", "--insecure", "--dry-run", spec, to);
  const layers = new Set(image.images.flatMap((_, form) => layerDigests(form) ?? []));
  expect(dry).toContain(`${to}:v1: ${layers.size} layers, `);
  const key = join(folder(), "key.pem");
  await tool("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key]);
  const { stderr } = await imgc("push", "--insecure", "--sign", key, spec, to);
  const [index] = (await verified(path)).digests;
  const signed = [index, ...image.parts.map(({ digest }) => digest)];
  for (const digest of signed) expect(stderr).toContain(`signed ${to}@${digest}`);
});

const ABOVE = `
image "test/base" { ${/store.*/.exec(SPEC)?.[0]} compression [ gzip zstd { chunked } ] }
image "test/two" { tag "v1" base image "test/base" files { "/a" text "a" } compression [ gzip zstd ] output oci-archive }
image "test/one" { base image "test/base" files { "/a" text "a" } }
image "test/refused" { base image "test/one" files { "/b" text "b" } compression [ gzip zstd ] }
`;

test("an image has the forms of its base, or the fitting one", async () => {
  const two = await buildText(ABOVE, { attribute: "two.image" });
  const { images } = readIndexDirectory(two.path);
  const algorithms = images.map(({ layers }) => layers.map(({ compression }) => compression.algorithm));
  expect(algorithms).toEqual([
    ["gzip", "gzip", "gzip"],
    ["zstd", "zstd", "zstd"],
  ]);
  // The chunks of the base's layer stay.
  expect(images[1]?.manifest.layers.map(({ annotations }) => annotations === undefined)).toEqual([false, false, true]);
  const { path: archive } = await buildText(ABOVE, { attribute: "two" });
  expect((await verified(archive)).digests).toEqual(images.map(({ manifestBytes }) => sha256(manifestBytes)));
  const one = await buildText(ABOVE, { attribute: "one" });
  expect(readImageDirectory(one.path).layers.map(({ digest }) => digest)).toEqual(
    images[1]?.layers.map(({ digest }) => digest),
  );
  const { stderr } = await failure(buildText(ABOVE, { attribute: "refused" }));
  expect(stderr).toContain("imgc[test/refused compression]: the layer");

  // An archive in two forms is a base as well.
  const above = 'image "test/above" { base archive ./base.tar files { "/b" text "b" } compression [ gzip zstd ] }';
  const spec = files({ "above.imgspec": above });
  await tool("cp", [realpathSync(archive), join(spec, "../base.tar")]);
  const { path: over } = await build(spec);
  const [gzip, zstd] = readIndexDirectory(over).images;
  expect(gzip?.layers.slice(0, 3).map(({ digest }) => digest)).toEqual(images[0]?.layers.map(({ digest }) => digest));
  expect(zstd?.layers.map(({ compression }) => compression.algorithm)).toEqual(["gzip", "gzip", "gzip", "zstd"]);
});

test("of several platforms, the gzip forms come before the zstd forms", async () => {
  const { path: both } = await buildText(SPEC.replace("tag", "platforms [ linux/amd64 linux/arm64 ] tag"));
  const { parts } = readIndexDirectory(both);
  expect(parts.map(({ platform, annotations }) => [platform.architecture, annotations])).toEqual([
    ["amd64", undefined],
    ["arm64", undefined],
    ["amd64", ZSTD],
    ["arm64", ZSTD],
  ]);
  const { stdout } = await imgc("verify", both);
  expect(stdout).toContain("OK: all digests match\nimage    image directory for 2 platforms, in two forms, ");
});
