/** How the planner grows with the closure. */
import type { ClosurePath } from "../../src/plan/graph.ts";
import { plan } from "../../src/plan/plan.ts";
import { fastest, ratio, type Row, type Section } from "../section.ts";

const SIZES = [100, 1_000, 10_000, 50_000];
const BUDGET = 100;

export const section: Section = {
  title: "Planning",
  about:
    `\`auto\` at ${BUDGET} layers on closures of 5 references a path and sizes with a long tail. The second column is what ` +
    "a path costs as a multiple of what it costs at 1,000 paths: 1 is linear.",
  async run() {
    const times: number[] = [];
    for (const size of SIZES) {
      const closure = fabricated(size);
      times.push(await fastest(2, () => plan({ closure, steps: [{ kind: "auto" }], budget: BUDGET })));
    }
    const perPath = (i: number) => (times[i] as number) / (SIZES[i] as number);
    return SIZES.map((size, i): Row => ({
      paths: size.toLocaleString("en"),
      milliseconds: (times[i] as number).toFixed(0),
      "a path, × at 1,000": ratio(perPath(i), perPath(1)),
    }));
  },
};

/** Deterministic: a path refers to some of the hundred before it, and to a few of the first, as libraries are. */
function fabricated(size: number): ClosurePath[] {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const pathOf = (i: number) => `/nix/store/${String(i).padStart(32, "0")}-package${i}-1.0`;
  return Array.from({ length: size }, (_, i) => {
    const near = Array.from({ length: 3 }, () => i - 1 - Math.floor(random() * 100));
    const base = Array.from({ length: 2 }, () => Math.floor(random() * 50));
    const references = [...new Set([...near, ...base])].filter((j) => j >= 0 && j < i).map(pathOf);
    return { path: pathOf(i), narSize: Math.round(20_000 / (random() + 0.0005)), references };
  });
}
