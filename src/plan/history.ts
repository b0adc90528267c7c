/** What the lock has seen change, as numbers of a graph: the past that the change model replays. */

/** Rebuilds that are remembered: enough for a year of weeks, and it bounds the lock. */
export const WINDOW = 48;

export interface History {
  /** Rebuilds seen, at most WINDOW. */
  rebuilds: number;
  /** For every path, the rebuilds (0 is the oldest remembered) at which it changed by itself, not through a reference. */
  changes: number[][];
}
