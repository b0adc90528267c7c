/** Time of writing layers with each compression, compared with hashing and compressing bytes in memory. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { layerChunks } from "../../src/layer/stream.ts";
import { benchStore } from "../closure.ts";
import { ratio, type Row, type Section } from "../section.ts";

const WRITER = join(import.meta.dirname, "../layer-writer.ts");
const RUNS = 3;
const run = promisify(execFile);

interface Written {
  milliseconds: number;
  diffSize: number;
  peak: number;
}

type Algorithm = "none" | "gzip" | "zstd";

export const section: Section = {
  title: "Writing layers",
  about:
    "A quarter of a gigabyte of typical files: made and hashed as one layer on one core, and as two layers of half the size " +
    "at the same time on two cores. Times are multiples of the bare work on the same bytes in memory: SHA-256, and " +
    "for compressed layers also the compressor at its default level and SHA-256 of its output. Memory is the peak " +
    "of the process for this layer, and for a layer of a tenth of the size.",
  async run() {
    const store = benchStore(0.25);
    const small = benchStore(0.025);
    try {
      const content = { paths: store.paths.toSorted(), entries: [], permissions: [] };
      const bytes = Buffer.concat(Array.from(layerChunks(content, store.folder), (chunk) => Buffer.from(chunk)));
      // The large paths are spread over both halves.
      const halves = [0, 1].map((odd) => store.paths.filter((_, i) => i % 2 === odd));
      const rows: Row[] = [];
      for (const algorithm of ["none", "gzip", "zstd"] as const) {
        const least = Math.min(...Array.from({ length: RUNS }, () => bareWork(bytes, algorithm)));
        const one = await best(() => write(algorithm, store.folder, store.paths, ["taskset", "-c", "0"]));
        const started: number[] = [];
        for (let i = 0; i < RUNS; i++) {
          const both = await Promise.all(halves.map((paths) => write(algorithm, store.folder, paths)));
          started.push(Math.max(...both.map(({ milliseconds }) => milliseconds)));
        }
        const tenth = await write(algorithm, small.folder, small.paths);
        rows.push({
          compression: algorithm,
          "one core × bare work": ratio(one.milliseconds, least),
          "two cores × bare work": ratio(Math.min(...started), least),
          "MB/s, one core": (one.diffSize / 1e3 / one.milliseconds).toFixed(0),
          "peak memory": `${megabytes(one.peak)}, ${megabytes(tenth.peak)}`,
        });
      }
      return rows;
    } finally {
      store.remove();
      small.remove();
    }
  },
};

function bareWork(bytes: Buffer, algorithm: Algorithm): number {
  const started = performance.now();
  createHash("sha256").update(bytes).digest();
  if (algorithm !== "none") {
    const level = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
    const packed = algorithm === "gzip" ? gzipSync(bytes) : zstdCompressSync(bytes, level);
    createHash("sha256").update(packed).digest();
  }
  return performance.now() - started;
}

async function best(work: () => Promise<Written>): Promise<Written> {
  const all: Written[] = [];
  for (let i = 0; i < RUNS; i++) all.push(await work());
  return all.toSorted((a, b) => a.milliseconds - b.milliseconds)[0] as Written;
}

async function write(algorithm: Algorithm, root: string, paths: string[], before: string[] = []): Promise<Written> {
  const pinned = before.length > 0 && existsSync("/usr/bin/taskset") ? before : [];
  const [program, ...args] = [...pinned, process.execPath, WRITER, algorithm, root, ...paths] as [string, ...string[]];
  return JSON.parse((await run(program, args)).stdout) as Written;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
