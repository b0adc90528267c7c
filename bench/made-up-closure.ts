/** Makes up a closure of any size as data; no files exist. */
import type { ClosurePath } from "../src/plan/graph.ts";
import { randomNumbers } from "./fabricate.ts";

/** Deterministic. A path refers to some of the hundred paths before it, and to some of the first paths, like libraries. */
export function closureOf(size: number): ClosurePath[] {
  const random = randomNumbers();
  const pathOf = (i: number) => `/nix/store/${String(i).padStart(32, "0")}-package${i}-1.0`;
  return Array.from({ length: size }, (_, i) => {
    const near = Array.from({ length: 3 }, () => i - 1 - Math.floor(random() * 100));
    const base = Array.from({ length: 2 }, () => Math.floor(random() * 50));
    const references = [...new Set([...near, ...base])].filter((j) => j >= 0 && j < i).map(pathOf);
    return { path: pathOf(i), narSize: Math.round(20_000 / (random() + 0.0005)), references };
  });
}
