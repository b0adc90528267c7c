/** The derivations that made a store path, read from their .drv files. */
import { readDerivation, type WholeDerivation } from "../store/derivation.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** Derivations by their store path, in the order of the paths. */
export type Graph = ReadonlyMap<string, WholeDerivation>;

/** The derivation and all its inputs. `root`: the folder of the chroot store, or "". */
export function readGraph(derivation: string, root: string): Graph {
  const found = new Map<string, WholeDerivation>();
  const waiting = [derivation];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    const read = readDerivation(root + path);
    if (read === undefined)
      throw new ImgcError(
        EXIT.environment,
        `the provenance needs ${path}, which is not in the store; build the image on this machine first`,
      );
    found.set(path, read);
    waiting.push(...read.inputs);
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The sources of all derivations, sorted. */
export function sourcesOf(graph: Graph): string[] {
  return [...new Set([...graph.values()].flatMap(({ sources }) => sources))].toSorted();
}
