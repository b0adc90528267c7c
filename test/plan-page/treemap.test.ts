import fc from "fast-check";
import { expect, test } from "vitest";
import { squarify } from "../../src/plan-page/treemap.ts";

const sizes = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 200 }).map((all) => all.toSorted((a, b) => b - a));
const areas = fc.record({
  x: fc.nat(50),
  y: fc.nat(50),
  width: fc.integer({ min: 1, max: 2000 }),
  height: fc.integer({ min: 1, max: 2000 }),
});

test("boxes have areas in proportion, are inside the area, and do not overlap", () => {
  fc.assert(
    fc.property(sizes, areas, (weights, area) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      fc.pre(total > 0);
      const boxes = squarify(weights, area, 0);
      const whole = area.width * area.height;
      expect(boxes).toHaveLength(weights.length);
      for (const [i, { x, y, width, height }] of boxes.entries()) {
        expect(width * height).toBeCloseTo((whole * (weights[i] as number)) / total, 3);
        expect(Math.min(x - area.x, y - area.y)).toBeGreaterThanOrEqual(-1e-6);
        expect(Math.max(x + width - area.x - area.width, y + height - area.y - area.height)).toBeLessThanOrEqual(1e-6);
      }
      const apart = (a: number, b: number, c: number, d: number) => a + b <= c + 1e-6 || c + d <= a + 1e-6;
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          expect(apart(a.x, a.width, b.x, b.width) || apart(a.y, a.height, b.y, b.height)).toBe(true);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test("boxes that are too small to see are left out", () => {
  fc.assert(
    fc.property(sizes, areas, fc.integer({ min: 1, max: 20 }), (weights, area, least) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const isSeen = (weight: number) => (weight * area.width * area.height) / total >= least * least;
      expect(squarify(weights, area, least)).toHaveLength(total === 0 ? 0 : weights.filter(isSeen).length);
    }),
  );
});
