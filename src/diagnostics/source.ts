// Text and places in it. Offsets only; lines are counted when something is shown.

/** UTF-16 offsets of a stretch of text; `end` is the first one after it. */
export interface Span {
  start: number;
  end: number;
}

/** A file's text and the path it is known by. */
export interface Source {
  path: string;
  text: string;
}

/** A line and a column as editors show them: from 1, the column in UTF-16 units. */
export interface Position {
  line: number;
  column: number;
}

const starts = new WeakMap<object, number[]>();

/** Where an offset is; the lines of a source are counted once. */
export function position(source: Pick<Source, "text">, offset: number): Position {
  let lines = starts.get(source);
  if (lines === undefined) {
    lines = [0];
    for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1)) lines.push(at + 1);
    starts.set(source, lines);
  }
  let low = 0;
  for (let high = lines.length; high - low > 1;) {
    const middle = (low + high) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
}
