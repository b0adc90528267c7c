/** What is in a package set. A set inside of it is looked into when somebody asks for it. */
import { cacheFile, readIndex, writeIndex } from "./cache.ts";
import { identityOf, type Identity } from "./identity.ts";
import { askNames, renewNames, type Index, type PackageName, type Question } from "./names.ts";

/** Called while Nix lists names: the set's attribute path, the number of known names, and their total. */
export type IndexProgress = (inside: readonly string[], known: number, total: number) => void;

/** Milliseconds between writes of an unfinished index: an interrupted run loses at most these. */
const SAVE_INTERVAL = 5000;

export class Packages {
  readonly #program: string;
  readonly #expression: string;
  readonly #onProgress: IndexProgress;
  #identity: Promise<Identity> | undefined;
  readonly #sets = new Map<string, Promise<Map<string, PackageName>>>();
  readonly #known = new Map<string, Map<string, PackageName>>();
  /** Whether a cached index is used unchecked; and whether one that may be out of date was used. */
  #isTrusting = true;
  #isDoubtful = false;

  /** `program`: the path of `nix/package-names.nix`; `expression`: the package set as Nix code. */
  constructor(program: string, expression: string, onProgress: IndexProgress = () => {}) {
    this.#program = program;
    this.#expression = expression;
    this.#onProgress = onProgress;
  }

  /** The names of the set at the end of a way, by name; rejects with a ToolError where Nix cannot say. */
  async names(inside: readonly string[]): Promise<Map<string, PackageName>> {
    const key = JSON.stringify(inside);
    const found = this.#sets.get(key) ?? this.#load(inside);
    this.#sets.set(key, found);
    try {
      this.#known.set(key, await found);
    } catch (error) {
      // Whoever asks again may have more luck.
      this.#sets.delete(key);
      throw error;
    }
    return found;
  }

  /** The same, if it is known already; undefined where it is not, or cannot be. */
  known(inside: readonly string[]): Map<string, PackageName> | undefined {
    return this.#known.get(JSON.stringify(inside));
  }

  /** Forgets what it knows if that is from the cache, and a folder it is about may have changed deep inside. */
  renew(): boolean {
    if (!this.#isDoubtful) return false;
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
      names = (await renewNames(question, cached.names)) ?? (await this.#ask(question, file, []));
      writeIndex(file, { total: names.length, names });
    } else if (!isFixed) this.#isDoubtful = true;
    return new Map(names?.map((each) => [each.name, each]));
  }

  async #ask(question: Question, file: string, known: readonly PackageName[]): Promise<PackageName[]> {
    let saved = Date.now();
    const names = await askNames(question, known, (so: Index) => {
      this.#onProgress(question.inside, so.names.length, so.total);
      if (Date.now() - saved < SAVE_INTERVAL) return;
      writeIndex(file, so);
      saved = Date.now();
    });
    writeIndex(file, { total: names.length, names });
    return names;
  }
}
