/** Measures how the time of some work grows with its size. */

/** The clock of processor time is coarse, so work is repeated until it took this many milliseconds. */
const LEAST = 30;

/** Milliseconds of processor time of this thread, which do not depend on the load of the machine. */
function cost(work: () => void): number {
  const before = process.threadCpuUsage();
  for (let runs = 1; ; runs++) {
    work();
    const { user, system } = process.threadCpuUsage(before);
    const spent = (user + system) / 1000;
    if (spent >= LEAST) return spent / runs;
  }
}

/** The least of three costs, since garbage collection and other processes can only make a cost larger. */
function leastCost(work: () => void): number {
  return Math.min(cost(work), cost(work), cost(work));
}

/**
 * How many times longer the work takes for an input of ten times the size: about 10 if the time is linear, 100 if it is
 * quadratic. `prepare` makes the work for a size.
 */
export function growth(size: number, prepare: (size: number) => () => void): number {
  const [small, large] = [prepare(size), prepare(10 * size)];
  small();
  return leastCost(large) / leastCost(small);
}

/** A limit for `growth` that linear work stays below, and quadratic work does not. */
export const LINEAR = 40;
