/** Finds the known names that are most similar to a misspelt name. */

/** The nearest of the known names, if its edit distance is at most a third of the length. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  return nearest(word, known, 1)[0];
}

/** Longer names are not compared, since the time grows with the product of the lengths. */
const MAX_LENGTH = 200;

/** Up to `count` known names, the nearest first, whose edit distance is at most a third of the length (at least 1). */
export function nearest(word: string, known: Iterable<string>, count: number): string[] {
  if (word.length > MAX_LENGTH) return [];
  const limit = Math.max(1, Math.floor(word.length / 3));
  const found: { name: string; distance: number }[] = [];
  for (const name of known) {
    const worst = found.length < count ? limit : (found.at(-1)?.distance ?? 0) - 1;
    if (Math.abs(name.length - word.length) > worst) continue;
    const distance = editDistance(word.toLowerCase(), name.toLowerCase());
    if (distance > worst) continue;
    found.push({ name, distance });
    found.sort((left, right) => left.distance - right.distance);
    found.splice(count);
  }
  return found.filter(({ distance }) => word.length >= 3 || distance === 0).map(({ name }) => name);
}

/** The number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1;
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + same,
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}
