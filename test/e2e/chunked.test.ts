/** zstd:chunked layers: Podman pulls only the chunks that it lacks. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readImageDirectory, type ImageDirectory } from "../../src/image/image-directory.ts";
import { packedBytes } from "../../src/layer/bytes.ts";
import { parseChunkedAnnotations } from "../../src/layer/chunked/annotations.ts";
import type { Compression, Layer } from "../../src/layer/recipe.ts";
import { RANGE_HEADERS } from "../../src/diff/chunks.ts";
import type { Difference } from "../../src/diff/compare.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { fixedRepositories } from "../../src/serve/repositories.ts";
import { startRegistry } from "../../src/serve/server.ts";
import { viewForServe } from "../../src/serve/view.ts";
import { proxy, type Proxy } from "./proxy.ts";
import { build, cleanUp, files, folder, imgc, registry, tool } from "./tools.ts";

const stamp = `${Date.now()}`;

/** `app` names `dependency` in its files. Another `generation` changes only the hashes of both store paths. */
const spec = (generation: string) =>
  files({
    "app.imgspec": `image "test/chunked" {
      tag "v1"
      compression zstd 6 { chunked }
      store [ python3 nix ''import ./app.nix { inherit runCommand openssl python3; stamp = "${stamp} ${generation}"; }'' ]
      layers { layer "python" [ python3 ] each }
    }`,
    "app.nix": `{ runCommand, openssl, python3, stamp }:
      let
        dependency = runCommand "dependency" { inherit stamp; } "echo same > $out";
      in
      runCommand "app" { } ''
        mkdir -p $out/bin
        cp -r \${python3}/lib/python3.11/lib-dynload $out
        cp \${openssl}/lib/libssl.so.3 $out/library
        chmod u+w $out/library
        echo "\${dependency} $out" | tee -a $out/library > $out/bin/app
      ''`,
  });

interface Client {
  /** Whether this Podman copies chunks of files that changed. Newer ones do so only on file systems with reflinks. */
  copiesChunks: boolean;
  readsTarSplit: boolean;
  /** Pulls through a proxy, and returns the number of bytes of blobs on the wire. */
  pull(front: Proxy, reference: string): Promise<number>;
  /** Compares a store path in the pulled image with the machine's. */
  compare(reference: string, path: string): Promise<void>;
}

/** A Podman with a storage of its own that pulls parts of layers. */
async function client(): Promise<Client> {
  const { stdout } = await tool("podman", ["version", "--format", "{{.Client.Version}}"]);
  const [major = 0, minor = 0] = stdout.split(".").map(Number);
  const storage = folder();
  const copiesChunks = major < 5 || (major === 5 && minor < 5) || (await offersReflinks(storage));
  const env = {
    CONTAINERS_STORAGE_CONF: files({
      "storage.conf": `[storage]
driver = "overlay"
graphroot = "${storage}/graph"
runroot = "${storage}/run"
[storage.options]
pull_options = { enable_partial_images = "true", use_hard_links = "false", ostree_repos = "" }
`,
    }),
  };
  cleanUp(() => tool("podman", ["rmi", "--all", "--force"], env));
  return {
    copiesChunks,
    readsTarSplit: major >= 5,
    async pull(front, reference) {
      front.asked.length = 0;
      await tool("podman", ["pull", "--quiet", "--tls-verify=false", `${front.address}/${reference}`], env);
      const blobs = front.asked.filter(({ url }) => url.includes("/blobs/"));
      return blobs.reduce((sum, { received }) => sum + received, 0);
    },
    async compare(reference, path) {
      const { stdout: mounted } = await tool("podman", ["image", "mount", reference], env);
      await tool("diff", ["-r", path, join(mounted.trim(), path)]);
      await tool("podman", ["image", "unmount", "--all"], env);
    },
  };
}

/** Mounts XFS on an empty folder if its file system has no reflinks. Returns whether the folder has reflinks afterwards. */
async function offersReflinks(directory: string): Promise<boolean> {
  if (await hasReflinks(directory)) return true;
  const image = join(folder(), "xfs");
  await tool("truncate", ["--size=1G", image]);
  await tool("mkfs.xfs", ["-q", "-m", "reflink=1", image]);
  try {
    await tool("mount", ["-o", "loop", image, directory]);
  } catch (error) {
    console.warn("Podman reuses whole files only in this test, since XFS could not be mounted", error);
    return false;
  }
  cleanUp(() => tool("umount", ["--lazy", directory]));
  return true;
}

async function hasReflinks(directory: string): Promise<boolean> {
  const file = join(directory, "file");
  writeFileSync(file, "x".repeat(4096));
  return await tool("cp", ["--reflink=always", file, `${file}2`]).then(
    () => true,
    () => false,
  );
}

const total = (layers: { size: number }[]) => layers.reduce((sum, { size }) => sum + size, 0);

async function sizeWith(compression: Compression, layers: Layer[]): Promise<number> {
  let size = 0;
  for (const { content } of layers) for await (const piece of packedBytes(content, compression)) size += piece.length;
  return size;
}

test("after a rebuild that changes only hashes, Podman pulls few bytes, from a registry and from imgc", async () => {
  const images: ImageDirectory[] = [];
  for (const generation of ["one", "two"]) {
    const { path } = await build(spec(generation));
    images.push(readImageDirectory(path));
  }
  const [one, two] = images as [ImageDirectory, ImageDirectory];
  const changed = two.layers.filter(({ digest }) => one.layers.every((layer) => layer.digest !== digest));
  const app = changed.find(({ content }) => content.paths[0]?.endsWith("-app")) as Layer;

  const podman = await client();
  const front = await proxy(await registry());
  const target = `${front.address}/chunked:one`;
  expect((await imgc("push", one.path, target, "--insecure")).stderr).not.toContain("warning");
  front.dropsRanges = true;
  expect((await imgc("push", one.path, target, "--insecure")).stderr).toContain(
    "answers a request for ranges of a layer with the whole layer",
  );
  front.dropsRanges = false;
  const first = await podman.pull(front, "chunked:one");
  await using pool = new LayerPool();
  await using view = await startRegistry(fixedRepositories(viewForServe(two)), pool);
  const served = await proxy(view.address);
  const second = await podman.pull(served, "test/chunked:v1");
  await podman.compare(`${served.address}/test/chunked:v1`, app.content.paths[0] as string);
  const zstd = { algorithm: "zstd", level: 3 } as const;
  expect(second).toBeLessThanOrEqual((podman.copiesChunks ? 0.035 : 0.25) * (await sizeWith(zstd, changed)));
  expect(first).toBeLessThanOrEqual(1.16 * (await sizeWith(zstd, one.layers)));
  expect(first).toBeLessThanOrEqual(1.08 * (await sizeWith({ algorithm: "gzip", level: 6 }, one.layers)));
  const parts = one.manifest.layers.map(({ annotations = {} }) => parseChunkedAnnotations(annotations));
  const tables = parts.reduce((sum, part) => sum + (part?.toc.length ?? 0) + (part?.tarSplit.length ?? 0), 0);
  expect(tables).toBeLessThanOrEqual(0.015 * total(one.layers));

  const { stdout } = await imgc("verify", one.path);
  expect(stdout).toContain("OK");

  const { pull } = JSON.parse((await imgc("diff", one.path, two.path, "--json")).stdout) as Difference;
  // The manifest is not among the blobs.
  const computed = (pull.chunked?.[podman.copiesChunks ? "chunks" : "files"] ?? NaN) - two.manifestBytes.length;
  const tarSplits = changed.map(({ annotations = {} }) => parseChunkedAnnotations(annotations)?.tarSplit.length ?? 0);
  const unread = podman.readsTarSplit ? 0 : tarSplits.reduce((sum, size) => sum + size + 2 * RANGE_HEADERS, 0);
  expect(second).toBeGreaterThan(0.95 * (computed - unread));
  expect(second).toBeLessThan(1.05 * (computed - unread));
});
