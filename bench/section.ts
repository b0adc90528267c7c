/** A topic of the benchmark, and helpers to measure time. */

export interface Section {
  title: string;
  /** Explains the numbers in a few sentences. */
  about: string;
  /** The file in docs/ with the table; by default benchmarks.md. */
  document?: string;
  /** The rows of the table, with the same columns each. Speed is given as ratios within this run. */
  run(): Promise<Row[]>;
}

/** Column to cell. */
export type Row = Record<string, string>;

/** Milliseconds of the fastest run, which other load disturbed least. */
export async function fastest(runs: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/** `value / reference`, with two decimals. */
export function ratio(value: number, reference: number): string {
  return (value / reference).toFixed(2);
}
