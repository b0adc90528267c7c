/**
 * imgc beside nix2container and nixpkgs' stream script. A peer has a column if variables of the environment name its programs:
 * IMGC_BENCH_NIX2CONTAINER (nix2container), IMGC_BENCH_NIX_SKOPEO (a skopeo with nix2container's transport `nix:`) and
 * IMGC_BENCH_STREAM (stream_layered_image.py of nixpkgs). IMGC_BENCH_RUNS sets the number of runs (9), IMGC_BENCH_GIGABYTES
 * the size of the image (0.1).
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { delimiter, join } from "node:path";
import { fresh, IMGC, Project } from "../peers/project.ts";
import { run } from "../peers/run.ts";
import { interleaved, tableOf, type Measured } from "../peers/table.ts";
import { startRegistry, type Registry } from "../registry.ts";
import type { Row, Section } from "../section.ts";

const NIX2CONTAINER = process.env["IMGC_BENCH_NIX2CONTAINER"];
const NIX_SKOPEO = process.env["IMGC_BENCH_NIX_SKOPEO"];
const STREAM = process.env["IMGC_BENCH_STREAM"];
const RUNS = Number(process.env["IMGC_BENCH_RUNS"] ?? 9);
const GIGABYTES = Number(process.env["IMGC_BENCH_GIGABYTES"] ?? 0.1);
const SHAPE = { gigabytes: GIGABYTES, paths: 300, files: Math.round(30_000 * GIGABYTES), layers: 100 };

const [OWN, PEER, SCRIPT] = ["imgc", "nix2container", "stream script"];
/** The lower bounds: `tar | openssl dgst -sha256` for builds, and `skopeo copy` of a ready layout for pushes. */
const BOUND = "bound";
const ROWS: Record<string, Measured["unit"]> = {
  "image from nothing, no compression": "time",
  "application changed → image": "time",
  "the build after that": "time",
  "nothing changed": "time",
  "first push": "time",
  "application changed → registry, warm": "time",
  "application changed → registry, fresh runner": "time",
  "added to the store by a change": "size",
  "added by the build after that": "size",
  "memory, image from nothing": "memory",
  "memory, application changed": "memory",
  "memory, first push": "memory",
};
type What = keyof typeof ROWS;

export const section: Section = {
  title: "Beside nix2container and dockerTools",
  about:
    `An image of ${GIGABYTES} GB in ${SHAPE.paths} store paths, ${SHAPE.files} files and ${SHAPE.layers} layers. Each cell ` +
    `is the median of ${RUNS} runs, in which the programs take turns. nix2container has a layer by hand for the application, ` +
    "and no evaluation of nixpkgs. The stream script is that of nixpkgs' `streamLayeredImage`: it makes and hashes the image " +
    "at each run, and skopeo pushes its archive from a file. All programs push with the skopeo of nix2container, if it is given. " +
    "The bound is `tar | openssl dgst -sha256` for an image from nothing, and `skopeo copy` from a ready OCI layout for a first " +
    "push. imgc keeps the compressed bytes of layers " +
    "(`cache { blobs }`) in the rows of pushes. Memory is the sum of the resident memory of all processes.",
  async run() {
    if (NIX2CONTAINER === undefined || NIX_SKOPEO === undefined) {
      process.stderr.write(
        "no column for nix2container: set IMGC_BENCH_NIX2CONTAINER and IMGC_BENCH_NIX_SKOPEO to its programs\n",
      );
    }
    if (STREAM === undefined) {
      process.stderr.write("no column for the stream script: set IMGC_BENCH_STREAM to stream_layered_image.py\n");
    }
    const hasPeer = NIX2CONTAINER !== undefined && NIX_SKOPEO !== undefined;
    const project = new Project(SHAPE, hasPeer ? NIX2CONTAINER : undefined);
    const path = process.env["PATH"];
    try {
      if (hasPeer) process.env["PATH"] = `${project.link("skopeo", NIX_SKOPEO)}${delimiter}${path}`;
      const measured = await measure(project, hasPeer);
      const rows = Object.entries(ROWS).map(([what, unit]) => ({
        what,
        unit,
        values: measured.get(what) ?? new Map(),
      }));
      const others = [...(hasPeer ? [PEER] : []), ...(STREAM === undefined ? [] : [SCRIPT]), BOUND] as string[];
      return [...tableOf(rows, OWN as string, others), versions(hasPeer, others)];
    } finally {
      process.env["PATH"] = path;
      project.remove();
    }
  },
};

/** The last row: the versions of the programs. */
function versions(hasPeer: boolean, others: string[]): Row {
  const first = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: "utf8" }).trim().split("\n")[0] as string;
  const row: Row = { what: `versions; ${cpus()[0]?.model ?? ""}`, [OWN as string]: first("nix", "--version") };
  for (const name of others) [row[name], row[`${OWN} ÷ ${name}`]] = ["", ""];
  if (hasPeer) row[PEER as string] = first(NIX_SKOPEO as string, "--version");
  row[BOUND] = first("skopeo", "--version");
  return row;
}

async function measure(project: Project, hasPeer: boolean): Promise<Map<string, Map<string, number[]>>> {
  const { folder } = project;
  const registries: Registry[] = [];
  const newRegistry = async () => {
    const registry = await startRegistry(join(folder, `registry-${registries.length}`));
    registries.push(registry);
    return registry;
  };
  const image = join(folder, "n2c-image");
  const imgc = (...args: string[]) => [process.execPath, IMGC, ...args];
  const ownBuild = (spec: string) => imgc("build", `${spec}.imgspec`, "-o", `result-${spec}`);
  const peerBuild = () => ["nix", "build", "-f", "set.nix", "n2c", "--store", project.store, "-o", image];
  const copy = ["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"];
  const ownPush = ({ address }: Registry) => imgc("push", "result-zstd", `${address}/bench/app:v1`, "--insecure");
  const peerPush = ({ address }: Registry) =>
    project.inStore(NIX_SKOPEO as string, ...copy, `nix:${readlinkSync(image)}`, `docker://${address}/bench/app:v1`);
  const time = async (command: string[], sampled = false) => await run(command, { cwd: folder, sampled });
  const milliseconds = async (command: string[]) => (await time(command)).milliseconds;
  const script = (conf: string) => project.inStore("python3", STREAM as string, conf);
  const conf = STREAM === undefined ? "" : streamConfiguration(project);

  const forgetOwn = () => {
    rmSync(join(folder, "imgc.lock"), { force: true });
    project.forget(/-layer\.json|-layers(-digests|-blobs)?$|-bench-/);
  };
  const forgetPeer = () => project.forget(/-n2c-/);
  /**
   * Builds and pushes to a new registry. Then changes, builds and pushes the application twice: first with skopeo's caches,
   * then without them.
   */
  const pushes = async (build: string[], push: (registry: Registry) => string[]) => {
    await time(build);
    const registry = await newRegistry();
    const first = await milliseconds(push(registry));
    project.change();
    const warm = (await milliseconds(build)) + (await milliseconds(push(registry)));
    project.change();
    const onFresh = (await milliseconds(build)) + (await milliseconds(fresh(push(registry))));
    await registry.remove();
    return {
      "first push": first,
      "application changed → registry, warm": warm,
      "application changed → registry, fresh runner": onFresh,
    } satisfies Partial<Record<What, number>>;
  };
  const changes = async (build: string[]) => {
    project.change();
    const before = project.size();
    const change = await milliseconds(build);
    const between = project.size();
    const after = await milliseconds(build);
    return {
      "application changed → image": change,
      "the build after that": after,
      "nothing changed": await milliseconds(build),
      "added to the store by a change": between - before,
      "added by the build after that": project.size() - between,
    } satisfies Partial<Record<What, number>>;
  };
  const memory = async (forget: () => void, build: string[], pushed: string[], push: (to: Registry) => string[]) => {
    forget();
    const nothing = await time(build, true);
    project.change();
    const change = await time(build, true);
    await time(pushed);
    const registry = await newRegistry();
    const first = await time(push(registry), true);
    await registry.remove();
    return {
      "memory, image from nothing": nothing.peak,
      "memory, application changed": change.peak,
      "memory, first push": first.peak,
    } satisfies Partial<Record<What, number>>;
  };

  const programs = new Map<string, () => Promise<Record<string, number>>>();
  programs.set(OWN as string, async () => {
    forgetOwn();
    const nothing = await milliseconds(ownBuild("plain"));
    return {
      "image from nothing, no compression": nothing,
      ...(await changes(ownBuild("plain"))),
      ...(await pushes(ownBuild("zstd"), ownPush)),
      ...(await memory(forgetOwn, ownBuild("plain"), ownBuild("zstd"), ownPush)),
    };
  });
  if (hasPeer) {
    programs.set(PEER as string, async () => {
      forgetPeer();
      const nothing = await milliseconds(peerBuild());
      return {
        "image from nothing, no compression": nothing,
        ...(await changes(peerBuild())),
        ...(await pushes(peerBuild(), peerPush)),
        ...(await memory(forgetPeer, peerBuild(), peerBuild(), peerPush)),
      };
    });
  }
  if (STREAM !== undefined) {
    programs.set(SCRIPT as string, async () => {
      const registry = await newRegistry();
      const to = `docker://${registry.address}/bench/app:v1`;
      const archive = join(folder, "stream.tar");
      const copied = `skopeo ${[...copy, `docker-archive:${archive}`, to].join(" ")}`;
      const piped = ["bash", "-c", `"$@" > ${archive} && ${copied}`, "-"];
      const nothing = await time(script(conf), true);
      const push = await time([...piped, ...script(conf)], true);
      await registry.remove();
      return {
        "image from nothing, no compression": nothing.milliseconds,
        "first push": push.milliseconds,
        "memory, image from nothing": nothing.peak,
        "memory, first push": push.peak,
      };
    });
  }
  programs.set(BOUND, async () => {
    const files = project.libraries.map((path) => join(project.store, path));
    const pipe = ["bash", "-c", 'tar cf - "$@" 2>/dev/null | openssl dgst -sha256', "tar", ...files];
    rmSync(join(folder, "layout"), { recursive: true, force: true });
    await time(imgc("export", "result-zstd", "--to", "oci", "-o", "layout"));
    const registry = await newRegistry();
    const to = `docker://${registry.address}/bench/app:v1`;
    const push = await milliseconds(["skopeo", ...copy, "--preserve-digests", "oci:layout", to]);
    await registry.remove();
    return { "image from nothing, no compression": await milliseconds(pipe), "first push": push };
  });
  try {
    return await interleaved(RUNS, programs);
  } finally {
    for (const { process: child } of registries) child.kill();
  }
}

/** The argument of nixpkgs' stream script: the same store paths in the same number of layers. Returns the file's path. */
function streamConfiguration({ folder, libraries, application }: Project): string {
  const custom = join(folder, "customisation");
  mkdirSync(custom);
  const tar = Buffer.alloc(10240);
  writeFileSync(join(custom, "layer.tar"), tar);
  writeFileSync(join(custom, "checksum"), createHash("sha256").update(tar).digest("hex"));
  const groups = Map.groupBy(libraries, (path) => Math.min(libraries.indexOf(path), SHAPE.layers - 3));
  const file = join(folder, "stream.json");
  const owner = { uid: "0", gid: "0", uname: "root", gname: "root" };
  const time = "1970-01-01T00:00:01+00:00";
  writeFileSync(
    file,
    JSON.stringify({
      architecture: "amd64",
      config: {},
      created: time,
      mtime: time,
      ...owner,
      repo_tag: "bench/app:v1",
      store_dir: "/nix/store",
      from_image: null,
      store_layers: [...groups.values(), [application]],
      customisation_layer: custom,
    }),
  );
  return file;
}
