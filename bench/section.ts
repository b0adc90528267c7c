/** A part of the benchmark, and how its times are taken. */

export interface Section {
  title: string;
  /** What the numbers mean, in a sentence or two. */
  about: string;
  /** Where its table goes in docs/, if not into benchmarks.md. */
  document?: string;
  /** Rows of a table with the same columns each. Speed stands in it as ratios of this one run. */
  run(): Promise<Row[]>;
}

/** Column to cell. */
export type Row = Record<string, string>;

/** Milliseconds of the fastest of several runs: what the work costs when nothing disturbs it. */
export async function fastest(runs: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/** How many times `reference` a value is. */
export function ratio(value: number, reference: number): string {
  return (value / reference).toFixed(2);
}
