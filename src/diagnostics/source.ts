/** Texts and offsets in them. Lines and columns are computed only for output. */

/** UTF-16 offsets of a range of text; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A file's text and absolute path. */
export interface Source {
  path: string;
  text: string;
}

/** Line and column as editors show them: counted from 1, the column in UTF-16 units. */
export interface Position {
  line: number;
  column: number;
}

const starts = new WeakMap<object, number[]>();

/** The position of an offset. Caches the line starts of each source. */
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

/** Extends a span to remove: to whole lines if nothing else is on them, otherwise over the blanks before it. */
export function removal(text: string, { start, end }: Span): Span {
  let before = start;
  while (before > 0 && isBlank(text[before - 1])) before--;
  let after = end;
  while (isBlank(text[after]) || text[after] === "\r") after++;
  const startsLine = before === 0 || text[before - 1] === "\n";
  if (!startsLine || (after < text.length && text[after] !== "\n")) return { start: before, end };
  return { start: before, end: Math.min(after + 1, text.length) };
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
