/** The package sets of open files. Names that are not known yet are loaded in the background. */
import type { CheckResult, Nixpkgs } from "../language/index.ts";
import { attributePath } from "../language/types/package.ts";
import { checkPackages, attributeText, type Lookup, type PackageName, type Packages } from "../packages/index.ts";
import { messageOf } from "../util/errors.ts";

/** Opens the package set of a file; undefined if the file has none that can be evaluated. */
export type OpenPackages = (file: string, nixpkgs: Nixpkgs) => Packages | undefined;

/** A file and its package set. */
type File = Pick<CheckResult, "root" | "nixpkgs">;

/** The largest number of candidates in an answer; the editor asks again when the user types more. */
const MAX_CANDIDATES = 200;

export class PackageSets {
  readonly #open: OpenPackages;
  readonly #loaded: () => void;
  readonly #failed: (reason: string) => void;
  /** The key is the file and its `nixpkgs` setting, as JSON. */
  readonly #sets = new Map<string, Packages | undefined>();
  /** The nested sets, as JSON of their paths, that were requested from each package set. */
  #requested = new WeakMap<Packages, Set<string>>();
  #mayLoad = false;

  /** `loaded` is called when more names are known, `failed` with the reason why names cannot be loaded. */
  constructor(open: OpenPackages, loaded: () => void, failed: (reason: string) => void) {
    this.#open = open;
    this.#loaded = loaded;
    this.#failed = failed;
  }

  /** Sets whether names may be loaded. Loading calls Nix, so the server forbids it while the user types. */
  allowLoading(mayLoad: boolean): void {
    this.#mayLoad = mayLoad;
  }

  /**
   * Looks up names in a file's package set without waiting: names that are not loaded yet are undefined, and loading
   * starts if it is allowed.
   */
  lookup(result: File): Lookup {
    const packages = this.#packagesOf(result);
    if (packages === undefined) return () => undefined;
    const requested = this.#requested.get(packages) ?? new Set();
    this.#requested.set(packages, requested);
    return (inside) => {
      const found = packages.known(inside);
      const path = JSON.stringify(inside);
      if (found === undefined && this.#mayLoad && !requested.has(path)) {
        requested.add(path);
        packages.names(inside).then(this.#loaded, (error: unknown) => this.#failed(messageOf(error)));
      }
      return found;
    };
  }

  /** Forgets which package set each file has: the lock file may have changed. */
  forget(): void {
    this.#sets.clear();
    this.#requested = new WeakMap();
  }

  /** Adds the diagnostics about packages to a file's result. */
  check(result: CheckResult): CheckResult {
    const { diagnostics, wrong } = checkPackages(result.root, this.lookup(result));
    const packages = this.#packagesOf(result);
    // Names that may be outdated are loaded again before an unknown name is reported; its diagnostic follows later.
    if (diagnostics.length > 0 && packages?.isDoubtful === true) {
      if (!this.#mayLoad) return result;
      packages.renew(wrong);
      this.#requested.delete(packages);
      return this.check(result);
    }
    return diagnostics.length === 0 ? result : { ...result, diagnostics: [...result.diagnostics, ...diagnostics] };
  }

  /** The attribute paths that start with the typed text, and whether the list is complete. */
  complete(result: File, typed: string): { found: { path: string; about: PackageName }[]; all: boolean } {
    const dot = typed.lastIndexOf(".") + 1;
    const [before, start] = [typed.slice(0, dot), typed.slice(dot).replace(/^"/, "").toLowerCase()];
    const names = this.lookup(result)(attributePath(before));
    const found: { path: string; about: PackageName }[] = [];
    for (const about of names?.values() ?? []) {
      if (about.kind === "other" || !about.name.toLowerCase().startsWith(start)) continue;
      if (found.length === MAX_CANDIDATES) return { found, all: false };
      found.push({ path: before + attributeText(about.name), about });
    }
    return { found, all: names !== undefined };
  }

  #packagesOf({ root, nixpkgs }: File): Packages | undefined {
    const { path } = root.source;
    const key = JSON.stringify([path, nixpkgs]);
    if (!this.#sets.has(key)) this.#sets.set(key, this.#tryOpen(path, nixpkgs));
    return this.#sets.get(key);
  }

  #tryOpen(path: string, nixpkgs: Nixpkgs): Packages | undefined {
    try {
      return this.#open(path, nixpkgs);
    } catch (error) {
      this.#failed(messageOf(error));
      return undefined;
    }
  }
}
