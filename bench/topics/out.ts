/** Times of pushing and loading an image of a gigabyte, compared with public tools on the same content. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import type { Layer } from "../../src/layer/recipe.ts";
import { makeImage } from "../../test/serve/image.ts";
import { startRegistry, type Registry } from "../registry.ts";
import { ratio, type Row, type Section } from "../section.ts";

const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");
const LAYERS = 100;
const LAYER_BYTES = 10 << 20;
const CLIENTS = 10;

/** Text that compresses to about half its size. */
function content(seed: string): Buffer {
  const key = createHash("sha256").update(seed).digest();
  const script = `openssl enc -aes-256-ctr -K ${key.toString("hex")} -iv ${"0".repeat(32)} -in /dev/zero 2>/dev/null`;
  const bytes = execFileSync("bash", ["-c", `${script} | head -c ${LAYER_BYTES / 2}`], { maxBuffer: LAYER_BYTES });
  return Buffer.from(bytes.toString("hex"));
}

function timed(program: string, args: string[]): number {
  // Do not measure the writes of the previous step.
  execFileSync("sync");
  const started = performance.now();
  execFileSync(program, args, { stdio: "ignore" });
  return performance.now() - started;
}

const imgc = (...args: string[]) => timed(process.execPath, [IMGC, ...args]);
const skopeo = (from: string, to: string) =>
  timed("skopeo", ["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", from, to]);
/** As on a machine that has never pushed. */
const withoutCaches = (...args: string[]) => {
  const script = 'mount -t tmpfs none /dev/shm && exec "$@"';
  return timed("unshare", ["--mount", "bash", "-c", script, "-", process.execPath, IMGC, ...args]);
};

/** Lets podman and skopeo use a new storage without any of these layers. */
function useEmptyStorage(root: string): void {
  const storage = join(root, "storage.conf");
  const [kept, running] = [join(root, "storage"), join(root, "run")];
  writeFileSync(storage, `[storage]\ndriver = "overlay"\ngraphroot = "${kept}"\nrunroot = "${running}"\n`);
  process.env["CONTAINERS_STORAGE_CONF"] = storage;
}

/** The alternative with public tools: tar and hash each layer into a docker-archive, then copy the archive. */
function copyArchive(root: string, image: string, to: string): number {
  const script = `set -e
cd "$1"; rm -rf archive archive.tar; mkdir archive; layers=
for path in $3; do
  tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner -cf archive/layer.tar "$path"
  sum=$(sha256sum archive/layer.tar | cut -d" " -f1); mv archive/layer.tar "archive/$sum.tar"
  layers="$layers,\\"$sum\\""
done
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}' "$(printf %s "\${layers#,}" | sed 's/"\\([0-9a-f]*\\)"/"sha256:\\1"/g')" > archive/config.json
printf '[{"Config":"config.json","RepoTags":["a:b"],"Layers":[%s]}]' "$(printf %s "\${layers#,}" | sed 's/"\\([0-9a-f]*\\)"/"\\1.tar"/g')" > archive/manifest.json
tar -C archive -cf archive.tar .
exec skopeo --insecure-policy copy --quiet --dest-tls-verify=false docker-archive:archive.tar "$2"`;
  const paths = readImageDirectory(image).layers.flatMap((layer) => layer.content.paths.map((path) => path.slice(1)));
  return timed("bash", ["-c", script, "-", root, to, paths.join(" ")]);
}

/** Peak memory of `imgc serve` in MB. One client pulls the whole image, or several clients pull the same first layers, in total
 * twice the layers of the image. */
async function servePeak(image: string, clients: number): Promise<number> {
  const child = spawn(process.execPath, [IMGC, "serve", image], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    while (!output.includes("\n")) await sleep(50);
    const base = `${output.split("\n")[0]}/v2/test/app/blobs`;
    const { layers } = readImageDirectory(image);
    const share = clients === 1 ? LAYERS : (2 * LAYERS) / clients;
    const pull = async () => {
      for (const { digest } of layers.slice(0, share)) {
        const answer = await fetch(`${base}/${digest}`);
        for await (const _ of answer.body ?? []);
      }
    };
    await Promise.all(Array.from({ length: clients }, pull));
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
    return (Number(peak) * 1024) / 1e6;
  } finally {
    child.kill();
  }
}

export const section: Section = {
  title: "Push, load and serve",
  about:
    `An image of ${LAYERS} layers and ${((LAYERS * LAYER_BYTES) / 1e9).toFixed(2)} GB, pushed to a registry on ` +
    "this machine and loaded into podman. Times are multiples of two alternatives: `skopeo copy` from an OCI " +
    "layout that exists already, and a docker-archive (tar and hash each layer, then `skopeo copy " +
    "docker-archive:`). The last rows show the peak memory of `imgc serve` while one client pulls all layers, or " +
    "ten clients each pull the same fifth of the layers.",
  async run() {
    const root = mkdtempSync(join(tmpdir(), "imgc-bench-"));
    useEmptyStorage(root);
    const registries: Registry[] = [];
    const registry = async () => {
      const started = await startRegistry(join(root, `registry-${registries.length}`));
      registries.push(started);
      return started;
    };
    try {
      const layers = Object.fromEntries(Array.from({ length: LAYERS }, (_, i) => [`p${i}x`, content(`p${i}`)]));
      const { [`p${LAYERS - 1}x`]: _, ...unchangedLayers } = layers;
      const before = await makeImage(root, "a0", { layers });
      const changed = await makeImage(root, "c0", {
        tag: "v2",
        layers: { ...unchangedLayers, q0x: content("changed") },
      });
      imgc("export", before, "--to", "oci", "-o", join(root, "before"));
      imgc("export", changed, "--to", "oci", "-o", join(root, "changed"));
      const layout = (name: string, tag: string) => `oci:${join(root, name)}:${tag}`;

      const [pushes, copies, archives] = [await registry(), await registry(), await registry()];
      const at = ({ address }: Registry, tag: string) => `${address}/bench/app:${tag}`;
      const push = (image: string, tag: string) => imgc("push", image, at(pushes, tag), "--insecure");
      const copy = (name: string, tag: string) => skopeo(layout(name, tag), `docker://${at(copies, tag)}`);
      const archive = (image: string, tag: string) => copyArchive(root, image, `docker://${at(archives, tag)}`);

      const first = [push(before, "v1"), copy("before", "v1"), archive(before, "v1")] as const;
      const asked = pushes.requests();
      const unchanged = [push(before, "v1"), copy("before", "v1"), archive(before, "v1")] as const;
      const requests = pushes.requests() - asked;
      const warm = push(changed, "v2");
      pushes.forget("bench/app", (readImageDirectory(changed).layers.at(-1) as Layer).digest);
      const cold = withoutCaches("push", changed, at(pushes, "v2"), "--insecure");
      const change = [copy("changed", "v2"), archive(changed, "v2")] as const;

      const name = "localhost/imgc-bench:copied";
      const load = (image: string) => imgc("load", image, "--into", "podman");
      const store = (image: string, tag: string) => skopeo(layout(image, tag), `containers-storage:${name}`);
      const remove = (...names: string[]) => execFileSync("podman", ["rmi", "--force", ...names], { stdio: "ignore" });
      const archived = "localhost/imgc-bench:archived";
      const storeArchive = (image: string) => copyArchive(root, image, `containers-storage:${archived}`);
      // Each alternative starts without the image.
      const loads = [load(before), load(before), load(changed)] as const;
      remove("test/app:v1", "test/app:v2");
      const stores = [store("before", "v1"), store("before", "v1"), store("changed", "v2")] as const;
      remove(name);
      const archivesStored = [storeArchive(before), storeArchive(before), storeArchive(changed)] as const;
      remove(archived);

      const row = (what: string, time: number, skopeoTime: number, archiveTime: number, more = ""): Row => ({
        what,
        "× skopeo copy": ratio(time, skopeoTime),
        "× docker-archive": ratio(time, archiveTime),
        "": more,
      });
      const memory = (clients: number, peak: number): Row => ({
        what: `serve, ${clients} ${clients === 1 ? "client" : "clients"}`,
        "× skopeo copy": "",
        "× docker-archive": "",
        "": `${peak.toFixed(0)} MB at most`,
      });
      return [
        row("first push", ...first),
        row("push, nothing changed", ...unchanged, `${requests} requests in all`),
        row("push, the app changed", warm, ...change),
        row("push, the app changed, no caches", cold, ...change),
        ...["load", "load, nothing changed", "load, the app changed"].map((what, i) =>
          row(what, loads[i] as number, stores[i] as number, archivesStored[i] as number),
        ),
        memory(1, await servePeak(before, 1)),
        memory(CLIENTS, await servePeak(before, CLIENTS)),
      ];
    } finally {
      delete process.env["CONTAINERS_STORAGE_CONF"];
      // skopeo bind-mounts the folder onto itself.
      spawnSync("umount", [join(root, "storage/overlay")]);
      for (const { process: child } of registries) child.kill();
      rmSync(root, { recursive: true, force: true });
    }
  },
};
