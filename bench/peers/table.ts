/** The table of peers: medians of interleaved runs, as multiples of the same measurement of a peer. */
import { ratio, type Row } from "../section.ts";

/** Measurements of one row by program: milliseconds, or bytes. */
export interface Measured {
  what: string;
  unit: "time" | "size" | "memory";
  values: Map<string, number[]>;
}

export function median(values: number[]): number {
  if (values.length === 0) throw new Error("no values");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

/** Measurements by row, then by program. */
export type Measurements = Map<string, Map<string, number[]>>;

/**
 * Runs all programs in turn, `runs` times, so that other load of the machine disturbs all of them alike. Each run of a program
 * returns a value for each of its rows.
 */
export async function interleaved(
  runs: number,
  programs: Map<string, (run: number) => Promise<Record<string, number>>>,
): Promise<Measurements> {
  const rows: Measurements = new Map();
  for (let run = 0; run < runs; run++) {
    for (const [program, measure] of programs) {
      for (const [what, value] of Object.entries(await measure(run))) {
        const row = rows.get(what) ?? new Map<string, number[]>();
        rows.set(what, row);
        row.set(program, [...(row.get(program) ?? []), value]);
      }
    }
  }
  return rows;
}

/** `own`: the column of imgc. `others`: the columns of other programs, each followed by the ratio of imgc to the program. */
export function tableOf(rows: Measured[], own: string, others: string[]): Row[] {
  return rows.map(({ what, unit, values }) => {
    const cell = (name: string): number | undefined => {
      const measured = values.get(name);
      return measured === undefined ? undefined : median(measured);
    };
    const mine = cell(own);
    const row: Row = { what, [own]: mine === undefined ? "" : text(mine, unit) };
    for (const name of others) {
      const theirs = cell(name);
      row[name] = theirs === undefined ? "" : text(theirs, unit);
      row[`${own} ÷ ${name}`] = mine === undefined || theirs === undefined || theirs === 0 ? "" : ratio(mine, theirs);
    }
    return row;
  });
}

function text(value: number, unit: Measured["unit"]): string {
  if (unit === "time") return `${(value / 1000).toFixed(2)} s`;
  return unit === "memory" ? `${(value / 1e6).toFixed(0)} MB` : `${(value / 1e3).toFixed(0)} kB`;
}
