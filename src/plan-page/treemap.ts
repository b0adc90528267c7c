/** Squarified treemaps: boxes with areas in proportion to weights, and sides of similar length. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The boxes of weights, which must be in descending order. Boxes with an area of less than `least` squared are left out. */
export function squarify(weights: number[], area: Box, least: number): Box[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0 || area.width <= 0 || area.height <= 0) return [];
  const scale = (area.width * area.height) / total;
  const cut = weights.findIndex((weight) => weight * scale < least * least);
  const count = cut < 0 ? weights.length : cut;
  const boxes: Box[] = [];
  let { x, y, width, height } = area;
  for (let start = 0; start < count;) {
    const side = Math.min(width, height);
    let end = start;
    let sum = 0;
    let worst = Infinity;
    while (end < count) {
      const next = sum + (weights[end] as number) * scale;
      const ratio = worstRatio((weights[start] as number) * scale, (weights[end] as number) * scale, next, side);
      if (ratio > worst) break;
      [sum, worst] = [next, ratio];
      end++;
    }
    const depth = side > 0 ? sum / side : 0;
    let along = 0;
    for (; start < end; start++) {
      const length = depth > 0 ? ((weights[start] as number) * scale) / depth : 0;
      boxes.push(
        width >= height
          ? { x, y: y + along, width: depth, height: length }
          : { x: x + along, y, width: length, height: depth },
      );
      along += length;
    }
    if (width >= height) [x, width] = [x + depth, Math.max(0, width - depth)];
    else [y, height] = [y + depth, Math.max(0, height - depth)];
  }
  return boxes;
}

/**
 * The aspect ratio of the longest box in a row: that of the largest or of the smallest weight. The row has the area
 * `sum` and lies along `side`.
 */
function worstRatio(largest: number, smallest: number, sum: number, side: number): number {
  const square = sum * sum;
  if (square === 0 || smallest === 0) return Infinity;
  return Math.max((side * side * largest) / square, square / (side * side * smallest));
}
