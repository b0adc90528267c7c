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
