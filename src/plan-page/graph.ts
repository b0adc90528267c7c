/** The references of the closure, in both directions. */
import type { PageData } from "./data.ts";

export class Closure {
  /** For each path, the paths that refer to it. */
  readonly users: number[][];
  readonly #data: PageData;

  constructor(data: PageData) {
    this.#data = data;
    this.users = data.paths.map(() => []);
    data.paths.forEach(({ references }, i) => references.forEach((next) => this.users[next]?.push(i)));
  }

  references(path: number): number[] {
    return this.#data.paths[path]?.references ?? [];
  }

  /** The size of a path's closure, in bytes. */
  closureSize(path: number): number {
    const seen = new Set([path]);
    let size = 0;
    // A set may grow while it is walked.
    for (const node of seen) {
      size += this.#data.paths[node]?.size ?? 0;
      for (const next of this.references(node)) seen.add(next);
    }
    return size;
  }

  /** The shortest chain of references that ends at a path and starts at a path to which nothing refers. */
  why(path: number): number[] {
    const nextInChain = new Map<number, number | undefined>([[path, undefined]]);
    for (const [node] of nextInChain) {
      const users = this.users[node] ?? [];
      if (users.length > 0) {
        for (const user of users) if (!nextInChain.has(user)) nextInChain.set(user, node);
        continue;
      }
      const chain = [node];
      for (let next = nextInChain.get(node); next !== undefined; next = nextInChain.get(next)) chain.push(next);
      return chain;
    }
    return [path];
  }
}
