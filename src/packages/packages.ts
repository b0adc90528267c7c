/** What is in a package set. A set inside of it is looked into when somebody asks for it. */
import { cacheFile, readIndex, writeIndex } from "./cache.ts";
import { identityOf, type Identity } from "./identity.ts";
import { askNames, type PackageName } from "./names.ts";

export class Packages {
  readonly #program: string;
  readonly #expression: string;
  #identity: Promise<Identity> | undefined;
  readonly #sets = new Map<string, Promise<Map<string, PackageName>>>();
  readonly #known = new Map<string, Map<string, PackageName>>();
  /** Whether the cache may be read; and whether it was, where it may be out of date. */
  #reuse = true;
  #doubtful = false;

  /** `program`: the path of `nix/package-names.nix`; `expression`: the package set as Nix code. */
  constructor(program: string, expression: string) {
    this.#program = program;
    this.#expression = expression;
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
    if (!this.#doubtful) return false;
    [this.#reuse, this.#doubtful] = [false, false];
    this.#sets.clear();
    this.#known.clear();
    return true;
  }

  async #load(inside: readonly string[]): Promise<Map<string, PackageName>> {
    this.#identity ??= identityOf(this.#expression);
    const { key, fixed } = await this.#identity;
    const file = cacheFile(key, inside);
    let names = this.#reuse ? readIndex(file) : undefined;
    if (names === undefined) {
      names = await askNames({ program: this.#program, expression: this.#expression, inside });
      writeIndex(file, names);
    } else if (!fixed) this.#doubtful = true;
    return new Map(names.map((each) => [each.name, each]));
  }
}
