/** Sizes and time of zstd:chunked layers, and the bytes that clients pull after a rebuild that changes only hashes. */
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseChunkedAnnotations } from "../../src/layer/chunked/annotations.ts";
import { digestLayer } from "../../src/layer/digest.ts";
import type { Compression, Layer } from "../../src/layer/recipe.ts";
import { CHUNKED, pullAfter, ZSTD } from "../chunk-pull.ts";
import { ratio, type Row, type Section } from "../section.ts";

const PACKAGES = join(import.meta.dirname, "../../test/nixpkgs");
const CLOSURES = ["python3", "git"];
const RUNS = 5;
const GZIP: Compression = { algorithm: "gzip", level: 6 };

export const section: Section = {
  title: "zstd:chunked layers",
  about:
    "The closures of two packages, each as one layer of `compression zstd 6 { chunked }`. The first columns compare the size " +
    "of the layer, which a first pull reads, with plain zstd at level 3 and gzip at level 6. " +
    '"tables" is the share of the table of contents and the tar-split in the layer. Times compare writing the layer with ' +
    "writing it with gzip at level 6: the median of the ratios of " +
    `${RUNS} pairs of runs, by the clock and by the time of all processors. For "hashes only", the script that builds all ` +
    "packages of the closure got another comment, so each package was built again with another hash, from the same files. The " +
    "column has the bytes that a client pulls if it reuses parts of files, divided by the size of the layer with plain zstd. " +
    '"only whole files" is the same for a client that reuses only whole files.',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "imgc-bench-rebuilt-"));
    try {
      cpSync(PACKAGES, folder, { recursive: true });
      appendFileSync(join(folder, "unpack.ts"), `// ${folder}\n`);
      const rows: Row[] = [];
      for (const name of CLOSURES) rows.push(await rowOf(name, closureOf(PACKAGES, name), closureOf(folder, name)));
      return rows;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function rowOf(name: string, paths: string[], rebuilt: string[]): Promise<Row> {
  const zstd = await write(paths, ZSTD);
  const times: { clock: number; processors: number }[] = [];
  let [gzip, chunked] = [await write(paths, GZIP), await write(paths, CHUNKED)];
  for (let i = 0; i < RUNS; i++) {
    gzip = await write(paths, GZIP);
    chunked = await write(paths, CHUNKED);
    const clock = chunked.milliseconds / gzip.milliseconds;
    times.push({ clock, processors: chunked.processors / gzip.processors });
  }
  const size = ({ layer }: Written) => layer.size;
  const parts = parseChunkedAnnotations(chunked.layer.annotations ?? {});
  const tables = (parts?.toc.length ?? NaN) + (parts?.tarSplit.length ?? NaN);
  const [next, nextZstd] = [await write(rebuilt, CHUNKED), await write(rebuilt, ZSTD)];
  const pull = await pullAfter(chunked.layer, next.layer);
  return {
    closure: `${name}, ${(chunked.layer.diffSize / 1e6).toFixed(0)} MB`,
    "× zstd 3": ratio(size(chunked), size(zstd)),
    "× gzip 6": ratio(size(chunked), size(gzip)),
    tables: `${((100 * tables) / size(chunked)).toFixed(1)} %`,
    "time × gzip 6": median(times.map(({ clock }) => clock)).toFixed(2),
    "processor time × gzip 6": median(times.map(({ processors }) => processors)).toFixed(2),
    "hashes only": (pull.chunks / size(nextZstd)).toFixed(3),
    "only whole files": (pull.files / size(nextZstd)).toFixed(3),
  };
}

function closureOf(packages: string, name: string): string[] {
  const built = execFileSync("nix-build", [packages, "--no-out-link", "-A", name], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const closure = execFileSync("nix-store", ["-qR", built.toString().trim()]);
  return closure.toString().trim().split("\n").toSorted();
}

interface Written {
  layer: Layer;
  milliseconds: number;
  /** The time of all threads, in milliseconds. */
  processors: number;
}

async function write(paths: string[], compression: Compression): Promise<Written> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const layer = await digestLayer("all", { paths, entries: [], permissions: [] }, compression);
  const { user, system } = process.cpuUsage(used);
  return { layer, milliseconds: performance.now() - started, processors: (user + system) / 1e3 };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
