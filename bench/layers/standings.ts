/** Formats the results of planners as a table. */
import { ratio, type Row } from "../section.ts";

export interface Standing {
  planner: string;
  /** `own`: imgc's planners, compared with the best of `other`; `reference`: only shown. */
  kind: "other" | "own" | "reference";
  /** For each trace: bytes pulled, divided by the bytes pulled with one layer for each path. */
  ratios: number[];
}

/** The first column is the mean over the traces. The smallest value of each column is bold; rows of the kind `reference` do not count. */
export function rows(layers: string, traces: string[], standings: Standing[]): Row[] {
  const withMean = standings.map((standing) => ({ ...standing, ratios: [mean(standing.ratios), ...standing.ratios] }));
  const least = (kinds: Standing["kind"][]) =>
    ["all traces", ...traces].map((_, i) =>
      Math.min(...withMean.flatMap(({ kind, ratios }) => (kinds.includes(kind) ? [ratios[i] as number] : []))),
    );
  const [best, bestOther] = [least(["other", "own"]), least(["other"])];
  const row = (planner: string, cells: string[]): Row => ({
    layers,
    planner,
    ...Object.fromEntries(["all traces", ...traces].map((column, i) => [column, cells[i] as string])),
  });
  return withMean.flatMap(({ planner, kind, ratios }) => {
    const cells = ratios.map((each, i) => {
      const text = each.toFixed(3);
      return kind !== "reference" && text === (best[i] as number).toFixed(3) ? `**${text}**` : text;
    });
    const against = ratios.map((each, i) => `_${ratio(each, bestOther[i] as number)}_`);
    const compared = kind === "own" ? [row(`_… × the best other_`, against)] : [];
    return [row(planner, cells), ...compared];
  });
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
