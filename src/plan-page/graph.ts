/** The closure as the page walks it. */
import type { PageData } from "./data.ts";

export class Closure {
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

  /** A path and everything that it refers to, in bytes. */
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

  /** The shortest chain of references that leads here from a path that nothing refers to. */
  why(path: number): number[] {
    const towards = new Map<number, number | undefined>([[path, undefined]]);
    for (const [node] of towards) {
      const above = this.users[node] ?? [];
      if (above.length > 0) {
        for (const user of above) if (!towards.has(user)) towards.set(user, node);
        continue;
      }
      const chain = [node];
      for (let next = towards.get(node); next !== undefined; next = towards.get(next)) chain.push(next);
      return chain;
    }
    return [path];
  }
}
