/** The names in a package set. Nested sets are listed on request. */
import { cacheFile, readIndex, writeIndex } from "./cache.ts";
import { identityOf, type Identity } from "./identity.ts";
import { askNames, renewNames, type Index, type PackageName, type Question } from "./names.ts";

/** Called while Nix lists names: the set's attribute path, the number of known names, and their total. */
export type IndexProgress = (inside: readonly string[], known: number, total: number) => void;

/** The time between writes of an unfinished index: an interrupted run loses the names of at most this time. */
const SAVE_INTERVAL_MS = 5000;

export class Packages {
  readonly #program: string;
  readonly #expression: string;
  readonly #onProgress: IndexProgress;
  #identity: Promise<Identity> | undefined;
  readonly #sets = new Map<string, Promise<Map<string, PackageName>>>();
  readonly #known = new Map<string, Map<string, PackageName>>();
  /** Whether cached indexes are used without checking that they are current. */
  #isTrusting = true;
  /** Whether an index that may be outdated was used. */
  #isDoubtful = false;
  /** Names to evaluate again when the index is renewed, by the set that contains them. */
  readonly #doubted = new Map<string, string[]>();

  /** `program`: the path of `nix/package-names.nix`; `expression`: the package set as Nix code. */
  constructor(program: string, expression: string, onProgress: IndexProgress = () => {}) {
    this.#program = program;
    this.#expression = expression;
    this.#onProgress = onProgress;
  }

  /** The names of the set at an attribute path, by name. Rejects with a ToolError if Nix cannot list the set. */
  async names(inside: readonly string[]): Promise<Map<string, PackageName>> {
    const key = JSON.stringify(inside);
    const found = this.#sets.get(key) ?? this.#load(inside);
    this.#sets.set(key, found);
    try {
      this.#known.set(key, await found);
    } catch (error) {
      // The next call tries again.
      this.#sets.delete(key);
      throw error;
    }
    return found;
  }

  /** The names of a set, if `names` has loaded them; otherwise undefined. */
  known(inside: readonly string[]): Map<string, PackageName> | undefined {
    return this.#known.get(JSON.stringify(inside));
  }

  /** Whether names came from a cached index that may be outdated. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /**
   * Forgets the names if they came from a cached index that may be outdated. Returns whether they did. `doubted`:
   * attribute paths to evaluate again.
   */
  renew(doubted: readonly (readonly string[])[] = []): boolean {
    if (!this.#isDoubtful) return false;
    for (const path of doubted) {
      const key = JSON.stringify(path.slice(0, -1));
      this.#doubted.set(key, [...(this.#doubted.get(key) ?? []), path.at(-1) ?? ""]);
    }
    [this.#isTrusting, this.#isDoubtful] = [false, false];
    this.#sets.clear();
    this.#known.clear();
    return true;
  }

  async #load(inside: readonly string[]): Promise<Map<string, PackageName>> {
    this.#identity ??= identityOf(this.#expression);
    const { key, isFixed } = await this.#identity;
    const file = cacheFile(key, inside);
    const question = { program: this.#program, expression: this.#expression, inside };
    const cached = readIndex(file);
    let names = cached?.names;
    if (cached === undefined || cached.names.length < cached.total) {
      // Resume an unfinished index only if the set cannot have changed since.
      names = await this.#ask(question, file, isFixed ? (cached?.names ?? []) : []);
    } else if (!this.#isTrusting) {
      names =
        (await renewNames(question, cached.names, this.#doubted.get(JSON.stringify(inside)))) ??
        (await this.#ask(question, file, []));
      writeIndex(file, { total: names.length, names });
    } else if (!isFixed) this.#isDoubtful = true;
    return new Map(names?.map((each) => [each.name, each]));
  }

  async #ask(question: Question, file: string, known: readonly PackageName[]): Promise<PackageName[]> {
    let saved = Date.now();
    const names = await askNames(question, known, (progress: Index) => {
      this.#onProgress(question.inside, progress.names.length, progress.total);
      if (Date.now() - saved < SAVE_INTERVAL_MS) return;
      writeIndex(file, progress);
      saved = Date.now();
    });
    writeIndex(file, { total: names.length, names });
    return names;
  }
}
