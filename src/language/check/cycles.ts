/**
 * Finds cycles in a graph. Uses a loop instead of recursion: a file may have chains of thousands of bindings, which
 * would overflow the call stack.
 */

/** A step of a cycle: a node, and the label of its edge to the next node. */
export interface Link<N, E> {
  node: N;
  edge: E;
}

/** Returns one cycle for each back edge of a depth-first search. Other cycles through the same nodes are not listed. */
export function findCycles<N, E>(nodes: Iterable<N>, next: (node: N) => { to: N; edge: E }[]): Link<N, E>[][] {
  const state = new Map<N, "open" | "done">();
  const cycles: Link<N, E>[][] = [];
  for (const start of nodes) {
    if (state.has(start)) continue;
    const stack = [{ node: start, edges: next(start), at: 0 }];
    state.set(start, "open");
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = top.edges[top.at];
      if (edge === undefined) {
        state.set(top.node, "done");
        stack.pop();
        continue;
      }
      top.at += 1;
      const seen = state.get(edge.to);
      if (seen === undefined) {
        state.set(edge.to, "open");
        stack.push({ node: edge.to, edges: next(edge.to), at: 0 });
      } else if (seen === "open") {
        const from = stack.findIndex((frame) => frame.node === edge.to);
        const loop = stack.slice(from);
        cycles.push(loop.map((frame) => ({ node: frame.node, edge: (frame.edges[frame.at - 1] ?? edge).edge })));
      }
    }
  }
  return cycles;
}
