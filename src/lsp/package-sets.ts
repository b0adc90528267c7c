// The package sets of open files. What is not known yet is asked for in the background, and said when it is there.
import type { CheckResult, Nixpkgs } from "../language/index.ts";
import { attributePath } from "../language/types/package.ts";
import { checkPackages, writtenName, type Lookup, type PackageName, type Packages } from "../packages/index.ts";

/** Opens the package set of a file; undefined where there is none that can be asked. */
export type OpenPackages = (file: string, nixpkgs: Nixpkgs) => Packages | undefined;

/** More than anybody reads; an editor asks again when more is written. */
const mostOffered = 200;

export class PackageSets {
  readonly #open: OpenPackages;
  readonly #loaded: () => void;
  readonly #failed: (reason: string) => void;
  /** By file and the package set it names. */
  readonly #sets = new Map<string, Packages | undefined>();
  /** Which sets inside were asked for, found or not; files may share a package set. */
  #asked = new WeakMap<Packages, Set<string>>();

  /** `loaded` is called when more is known than before, `failed` with the reason why nothing will be. */
  constructor(open: OpenPackages, loaded: () => void, failed: (reason: string) => void) {
    this.#open = open;
    this.#loaded = loaded;
    this.#failed = failed;
  }

  /** Looks up the names in sets of a file's package set, as far as they are known; never waits. */
  lookup(result: CheckResult): Lookup {
    const packages = this.#packagesOf(result);
    if (packages === undefined) return () => undefined;
    const asked = this.#asked.get(packages) ?? new Set();
    this.#asked.set(packages, asked);
    return (inside) => {
      const found = packages.known(inside);
      const way = JSON.stringify(inside);
      if (found === undefined && !asked.has(way)) {
        asked.add(way);
        packages.names(inside).then(this.#loaded, (error: unknown) => this.#failed(reason(error)));
      }
      return found;
    };
  }

  /** Looks anew which package set each file has; a lock may have come. */
  forget(): void {
    this.#sets.clear();
    this.#asked = new WeakMap();
  }

  /** A file's findings with those about its packages. */
  check(result: CheckResult): CheckResult {
    const { diagnostics } = checkPackages(result.root, this.lookup(result));
    const packages = this.#packagesOf(result);
    // Before a name is called unknown, what may be out of date is asked for anew; the findings follow.
    if (diagnostics.length > 0 && packages?.renew() === true) {
      this.#asked.delete(packages);
      return this.check(result);
    }
    return diagnostics.length === 0 ? result : { ...result, diagnostics: [...result.diagnostics, ...diagnostics] };
  }

  /** The attribute paths that go on from what is written, and whether these are all. */
  complete(result: CheckResult, written: string): { found: { path: string; about: PackageName }[]; all: boolean } {
    const dot = written.lastIndexOf(".") + 1;
    const [before, start] = [written.slice(0, dot), written.slice(dot).replace(/^"/, "").toLowerCase()];
    const names = this.lookup(result)(attributePath(before));
    const found: { path: string; about: PackageName }[] = [];
    for (const about of names?.values() ?? []) {
      if (about.kind === "other" || !about.name.toLowerCase().startsWith(start)) continue;
      if (found.length === mostOffered) return { found, all: false };
      found.push({ path: before + writtenName(about.name), about });
    }
    return { found, all: names !== undefined };
  }

  #packagesOf({ root, nixpkgs }: CheckResult): Packages | undefined {
    const { path } = root.source;
    const key = JSON.stringify([path, nixpkgs]);
    if (!this.#sets.has(key)) this.#sets.set(key, this.#tryOpen(path, nixpkgs));
    return this.#sets.get(key);
  }

  #tryOpen(path: string, nixpkgs: Nixpkgs): Packages | undefined {
    try {
      return this.#open(path, nixpkgs);
    } catch (error) {
      this.#failed(reason(error));
      return undefined;
    }
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
