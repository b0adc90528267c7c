import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { MEDIA_TYPES } from "../../src/oci/media-types.ts";
import { DISTRIBUTION, ociLayout } from "./base-images.ts";
import { failure, files, folder, imgc, registry, tool } from "./tools.ts";

let host: string;
beforeAll(async () => {
  host = await registry();
});

/** Builds a description, and pushes the image. Returns the digest. */
async function pushed(text: string, reference: string, ...options: string[]): Promise<string> {
  const spec = files({ "a.imgspec": text });
  if (text.includes("base registry")) await imgc("lock", spec);
  const { stdout } = await imgc("push", spec, `${host}/${reference}`, "--insecure", ...options);
  return stdout.trim().split("@")[1] as string;
}

async function rebased(reference: string, base: string) {
  const { stdout, stderr } = await imgc("rebase", `${host}/${reference}`, "--onto", base, "--insecure");
  return { digest: stdout.trim().split("@")[1], note: stderr };
}

async function manifestOf(reference: string) {
  const response = await fetch(`http://${host}/v2/${reference.replace(":", "/manifests/")}`, {
    headers: { Accept: "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json" },
  });
  return (await response.json()) as {
    layers: { mediaType: string; digest: string }[];
    annotations: Record<string, string>;
  };
}

test("the result of a rebase is the image that a build on the new base makes", async () => {
  const base = (more: string) =>
    `image "base" { packages [ hello ] config { env { PATH "/base:/bin" MODE "${more}" } cmd [ "${more}" ] labels { base "${more}" } } store [ ${more} ] }`;
  await pushed(base("zlib"), "base:1", "--sbom");
  await pushed(base("libcrypt1"), "other/base:2", "--sbom");
  await pushed(base("gnugrep"), "base:grep", "--sbom", "cyclonedx");
  await pushed(base("libcrypt1"), "base:silent");
  await pushed(base("libcrypt1").replace(/}$/, "layers { rest } }"), "base:rest", "--sbom", "cyclonedx");
  await pushed('image "base" { files { "/etc/motd" text "hi" } }', "base:empty", "--sbom");
  const app = (on: string) => `image "app" {
    base registry "${host}/${on}"
    packages [ gnugrep ]
    config { entrypoint [ "\${hello}/bin/hello" ] user "app" env { PATH prepend "/app" MODE "zlib" } labels { app "x" } }
    users { app { uid 7 gid 7 } }
  }`;
  const first = await pushed(app("base:1"), "app:v1");
  const second = await pushed(app("other/base:2"), "wanted:v1");
  const { annotations, layers } = await manifestOf("app:v1");
  expect(annotations["org.opencontainers.image.base.name"]).toBe(`${host}/base:1`);
  expect(annotations["org.opencontainers.image.base.digest"]).toMatch(/^sha256:/);
  // The base's store paths are named, the image's own paths are not.
  expect(annotations["dev.imgc.rebase"]).toMatch(/\/nix\/store\/\w+-glibc-/);
  const facts = JSON.parse(annotations["dev.imgc.rebase"] ?? "") as { needs: object; own: string[] };
  expect(JSON.stringify(facts.needs)).not.toMatch(/grep-/);
  expect(facts.own.join()).toMatch(/grep-/);
  expect(layers.length).toBeGreaterThan(2);

  const lacks = await failure(rebased("app:v1", `${host}/base:empty`));
  expect(lacks.code).toBe(1);
  expect(lacks.stderr).toMatch(
    /base@\S+ lacks store paths to which the image refers: \S+-glibc-\S+, \S+-hello-\S+; build the image on it$/m,
  );
  // The image has grep above its base; without a bill of materials, a base may have it as well.
  const twice = await failure(rebased("app:v1", `${host}/base:grep`));
  expect(twice.code).toBe(1);
  expect(twice.stderr).toMatch(
    /base@\S+ has store paths that \S+ has above its base: .*\/nix\/store\/\S+grep-\S+; a store path/,
  );
  expect((await failure(rebased("app:v1", `${host}/base:silent`))).stderr).toContain("push the base with `--sbom`");
  const unchanged = await manifestOf("app:v1");
  expect(unchanged.layers).toEqual(layers);

  const result = await rebased("app:v1", `${host}/other/base:2`);
  expect(result.digest).not.toBe(first);
  expect(result.digest).toBe(second);
  expect(result.note).toMatch(/layers? of the base mounted, 0 copied/);
  // And back.
  expect((await rebased("app:v1", `${host}/base:1`)).digest).toBe(first);
  // The attached bill of materials of this base says in which layer the paths are.
  await rebased("app:v1", `${host}/base:rest`);
  expect((await imgc("verify", `${host}/app:v1`, "--insecure")).stdout).toContain("OK");
});

test("a base of another tool in another registry is copied, with every platform of an index", async () => {
  const elsewhere = await registry();
  for (const [tag, layers] of [
    ["1", DISTRIBUTION.layers],
    ["2", [...DISTRIBUTION.layers, { "srv/more": "2\n" }]],
  ] as const) {
    const layout = ociLayout(join(folder(), tag), { ...DISTRIBUTION, layers: [...layers], history: null });
    const flags = ["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"];
    await tool("skopeo", [...flags, `oci:${layout}`, `docker://${elsewhere}/debian:${tag}`]);
  }
  const app = (tag: string) => `image "web" {
    base registry "${elsewhere}/debian:${tag}"
    files { "/srv/www/index.html" text "hi" }
    config { cmd [ "--port" "80" ] env { LANG append "x" } }
  }`;
  await pushed(app("1"), "web:v1");
  const wanted = await pushed(app("2"), "wanted/web:v1");
  expect((await rebased("web:v1", `${elsewhere}/debian:2`)).note).toContain("0 layers of the base mounted, 3 copied");

  await pushed(app("1"), "web:v2");
  const { digest, size } = await descriptorOf("web:v2");
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const platform = { os: "linux", architecture: "amd64" };
  const entry = (of: string, bytes: number) => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: of,
    size: bytes,
    platform,
    // skopeo 1.18 refuses an index with zstd layers without this annotation.
    annotations: { "io.github.containers.compression.zstd": "true", kept: "yes" },
  });
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [entry(digest, size)] });
  await fetch(`http://${host}/v2/web/manifests/all`, {
    method: "PUT",
    headers: { "Content-Type": mediaType },
    body,
  });
  await rebased("web:all", `${elsewhere}/debian:2`);
  const made = await descriptorOf("wanted/web:v1");
  expect(made.digest).toBe(wanted);
  expect(await manifestOf("web:all")).toMatchObject({ mediaType, manifests: [entry(wanted, made.size)] });
});

test("each form of an image gets the fitting form of the base, and the index stays right", async () => {
  const base = (text: string, compression: string) =>
    `image "base" { files { "/etc/motd" text "${text}" } compression ${compression} }`;
  await pushed(base("one", "[ gzip zstd ]"), "base:forms1");
  await pushed(base("two", "[ gzip zstd ]"), "base:forms2");
  await pushed(base("two", "zstd"), "base:zstd");
  await pushed(
    `image "app" { base registry "${host}/base:forms1" files { "/a" text "a" } compression [ gzip zstd ] }`,
    "app:forms",
  );
  const refused = await failure(rebased("app:forms", `${host}/base:zstd`));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /base@\S+ has the layer \S+, which is compressed with zstd, so clients without zstd could not pull the gzip form/,
  );

  await rebased("app:forms", `${host}/base:forms2`);
  const [app, forms] = await Promise.all(["app:forms", "base:forms2"].map(formsOf));
  expect(app?.map(({ annotations }) => annotations)).toEqual([
    undefined,
    { "io.github.containers.compression.zstd": "true" },
  ]);
  for (const [i, algorithm] of (["gzip", "zstd"] as const).entries()) {
    const type = MEDIA_TYPES.oci[algorithm];
    expect(app?.[i]?.layers.map(({ mediaType }) => mediaType)).toEqual([type, type]);
    expect(app?.[i]?.layers[0]).toEqual(forms?.[i]?.layers[0]);
  }
  expect((await imgc("verify", `${host}/app:forms`, "--insecure")).stdout).toContain("OK");
});

/** The annotations and layers of each image that an index lists. */
async function formsOf(reference: string) {
  const { manifests } = (await manifestOf(reference)) as unknown as {
    manifests: { digest: string; annotations?: Record<string, string> }[];
  };
  const name = reference.split(":", 1)[0] as string;
  const forms = [];
  for (const { digest, annotations } of manifests) {
    const { layers } = await manifestOf(`${name}:${digest}`);
    forms.push({ annotations, layers });
  }
  return forms;
}

test("images without the facts, or with a Nix database, are refused", async () => {
  await pushed('image "base" { packages [ hello ] }', "plain:1");
  expect(await failure(rebased("plain:1", `${host}/plain:1`))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("lacks the annotation dev.imgc.rebase") as string,
  });
  await pushed(`image "nix" { base registry "${host}/plain:1" nix { } }`, "nix:1");
  expect((await failure(rebased("nix:1", `${host}/plain:1`))).stderr).toContain("a new base needs a new database");
  expect((await failure(rebased("nix@sha256:0", `${host}/plain:1`))).code).toBe(2);
  const local = await failure(imgc("rebase", "/tmp", "--onto", `${host}/plain:1`));
  expect(local).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("`imgc push /tmp registry.example.org") as string,
  });
  expect((await failure(imgc("rebase", `${host}/plain:1`, "--onto", "debian:13"))).stderr).toContain(
    "debian:13 names no registry",
  );
  expect((await failure(rebased("gone:1", `${host}/plain:1`))).code).toBe(3);
});

async function descriptorOf(reference: string): Promise<{ digest: string; size: number }> {
  const { headers } = await fetch(`http://${host}/v2/${reference.replace(":", "/manifests/")}`, {
    method: "HEAD",
    headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  return { digest: headers.get("docker-content-digest") ?? "", size: Number(headers.get("content-length")) };
}
