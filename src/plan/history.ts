/** Recorded changes of earlier rebuilds, with paths as numbers of a graph. */

/** Limit of recorded rebuilds, which bounds the lock's size: almost a year of weekly rebuilds. */
export const WINDOW = 48;

export interface History {
  /** The number of recorded rebuilds, at most WINDOW. */
  rebuilds: number;
  /** For every path, the rebuilds (0 is the oldest) in which the path itself changed, not only a reference. */
  changes: number[][];
}
