/** Bytes that clients pull after a rebuild, by planner: unpacked, compressed, and in chunks. */
import { BUDGETS, measureAll, TRACES, type Measured } from "../layers/measure.ts";
import { CHUNKED, type Result } from "../layers/replay.ts";
import type { Section } from "../section.ts";

export const section: Section = {
  title: "Bytes that clients pull",
  about:
    "The numbers are megabytes for each rebuild: the mean over the eight traces, which have the same weight each. The " +
    "largest numbers are those of desktop-releases, whose three rebuilds replace nearly all packages. " +
    '"unpacked" counts the bytes of store paths, "compressed" the same paths as packages of Debian, which are compressed ' +
    'with xz: layers with zstd or gzip are larger by about the same factor for each planner. "in chunks" is an estimate from measured ' +
    "shares for clients that reuse parts of files of zstd:chunked layers: they pull " +
    `${CHUNKED.added} times the compressed bytes of paths with a new name, ${CHUNKED.upgraded} times those of paths with another upstream ` +
    `version, ${CHUNKED.patched} times those of paths with the same upstream version and another content, ${CHUNKED.rehashed} times those of ` +
    `paths in which only the hashes of references changed, and ${CHUNKED.same} times those of other paths in changed layers. ` +
    "The first three shares were measured on packages of Debian, the others on the closures of Python and git " +
    "([benchmarks.md](benchmarks.md), zstd:chunked layers, chunks of updated packages). A lock keeps the layers of `auto` stable.",
  document: "layers.md",
  async run() {
    return BUDGETS.flatMap((budget) =>
      measureAll().map((measured) => {
        const megabytes = (of: (result: Result) => number) => (perRebuild(measured, budget, of) / 1e6).toFixed(1);
        return {
          layers: String(budget),
          planner: measured.planner,
          unpacked: megabytes(({ pulled }) => pulled),
          compressed: megabytes(({ packed }) => packed),
          "in chunks": megabytes(({ chunked }) => chunked),
        };
      }),
    );
  },
};

function perRebuild({ results, rebuilds }: Measured, budget: number, of: (result: Result) => number): number {
  const each = TRACES.map((trace) => {
    const result = results.get(trace)?.get(budget);
    return result === undefined ? NaN : of(result) / (rebuilds.get(trace) as number);
  });
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}
