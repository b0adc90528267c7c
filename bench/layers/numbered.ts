/** A closure as a graph of numbered nodes, for the planners of other tools. */
import type { TracePath } from "./trace.ts";

export interface Numbered {
  /** Every path comes after its references. */
  nodes: TracePath[];
  references: number[][];
  users: number[][];
}

export function numbered(closure: TracePath[]): Numbered {
  const byPath = new Map(closure.map((node) => [node.path, node]));
  const numbers = new Map<string, number>();
  const nodes: TracePath[] = [];
  const visit = (path: string) => {
    if (numbers.has(path)) return;
    const node = byPath.get(path) as TracePath;
    for (const next of node.references.toSorted()) visit(next);
    numbers.set(path, nodes.length);
    nodes.push(node);
  };
  for (const path of [...byPath.keys()].toSorted()) visit(path);

  const references = nodes.map((node) => node.references.map((path) => numbers.get(path) as number));
  const users: number[][] = nodes.map(() => []);
  for (const [user, targets] of references.entries()) for (const next of targets) users[next]?.push(user);
  return { nodes, references, users };
}

/** The direct and indirect references of a path, without itself. */
export function below({ references }: Numbered, start: number): Set<number> {
  const seen = new Set(references[start]);
  // Iteration includes elements that are added meanwhile.
  for (const node of seen) for (const next of references[node] as number[]) seen.add(next);
  return seen;
}

export function pathsOf({ nodes }: Numbered, layers: Iterable<number[]>): string[][] {
  return [...layers].map((members) => members.map((member) => (nodes[member] as TracePath).path));
}
