/** What is in a package set. A set inside of it is looked into when somebody asks for it. */
import { cacheFile, readIndex, writeIndex } from "./cache.ts";
import { identityOf } from "./identity.ts";
import { askNames, type PackageName } from "./names.ts";

export class Packages {
  readonly #program: string;
  readonly #expression: string;
  readonly #signal: AbortSignal | undefined;
  #identity: Promise<string> | undefined;
  readonly #sets = new Map<string, Promise<Map<string, PackageName>>>();
  readonly #known = new Map<string, Map<string, PackageName>>();

  /** `program`: the path of `nix/package-names.nix`; `expression`: the package set as Nix code. */
  constructor(program: string, expression: string, signal?: AbortSignal) {
    this.#program = program;
    this.#expression = expression;
    this.#signal = signal;
  }

  /** The names of the set at the end of a way, by name; rejects with a ToolError where Nix cannot say. */
  async names(inside: readonly string[]): Promise<Map<string, PackageName>> {
    const key = JSON.stringify(inside);
    const found = this.#sets.get(key) ?? this.#load(inside);
    this.#sets.set(key, found);
    this.#known.set(key, await found);
    return found;
  }

  /** The same, if it is known already; undefined where it is not, or cannot be. */
  known(inside: readonly string[]): Map<string, PackageName> | undefined {
    return this.#known.get(JSON.stringify(inside));
  }

  async #load(inside: readonly string[]): Promise<Map<string, PackageName>> {
    this.#identity ??= identityOf(this.#expression);
    const file = cacheFile(await this.#identity, inside);
    let names = readIndex(file);
    if (names === undefined) {
      const question = { program: this.#program, expression: this.#expression, inside, signal: this.#signal };
      names = await askNames(question);
      writeIndex(file, names);
    }
    return new Map(names.map((each) => [each.name, each]));
  }
}
