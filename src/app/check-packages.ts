/** `imgc check --packages`: looks up every package that a file itself names. */
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Inspect } from "../fixes/index.ts";
import type { CheckResult } from "../language/index.ts";
import { checkPackages, type IndexProgress } from "../packages/index.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { packageSetOf, type PackageSetFlags } from "./package-set.ts";
import { Screen } from "../cli/terminal/screen.ts";

/** Milliseconds until the user is told what a slow command waits for. */
const PATIENCE = 2000;

/** `nixpkgs`: the package set, in place of those that the files name. */
export function packageInspection(nixpkgs: string | undefined): Inspect {
  const progress = new IndexProgressLines();
  return async (result) => {
    try {
      return await unknownPackages(result, { nixpkgs, onProgress: progress.on });
    } finally {
      progress.end();
    }
  };
}

async function unknownPackages({ root, nixpkgs, locate }: CheckResult, flags: PackageSetFlags): Promise<Diagnostic[]> {
  const packages = packageSetOf(root.source.path, nixpkgs, flags);
  if (packages === undefined) {
    const remedy = `\`imgc lock ${root.source.path}\` pins it, and --nixpkgs names another`;
    throw new ImgcError(EXIT.findings, `the package set is a flake reference that is not pinned; ${remedy}`);
  }
  // Sets are looked into one inside the other, as deep as the file names packages.
  for (;;) {
    const { diagnostics, missing } = checkPackages(root, (inside) => packages.known(inside));
    // Before a name is called unknown, what may be out of date is asked for anew.
    if (missing.length === 0 && (diagnostics.length === 0 || !packages.renew())) return diagnostics;
    try {
      for (const inside of missing) await packages.names(inside);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const isLookup = nixpkgs.place === null && flags.nixpkgs === undefined;
      if (isLookup && !(await hasLookup())) return [diagnostic("no-package-set", locate(["nixpkgs"]), {})];
      throw error;
    }
  }
}

/** Whether Nix finds `<nixpkgs>`, as far as Nix is there to say it. */
async function hasLookup(): Promise<boolean> {
  const args = ["--eval", "-E", "(builtins.tryEval <nixpkgs>).success"];
  const found = await runTool("nix-instantiate", args).catch(() => "true");
  return found.trim() === "true";
}

/** Prints a line for each set that takes long; on a terminal, with a count below. */
class IndexProgressLines {
  #count = "";
  readonly #screen = new Screen(process.stderr, () => [this.#count]);
  readonly #started = new Map<string, number>();

  readonly on: IndexProgress = (inside, known, total) => {
    const set = inside.length === 0 ? "the package set" : inside.join(".");
    const before = this.#started.get(set);
    this.#count = `  ${known} of ${total}`;
    if (before === undefined) this.#started.set(set, Date.now());
    else if (Date.now() - before > PATIENCE) {
      this.#screen.line(`imgc: asking Nix about the ${total} names of ${set}, which are kept for the next time`);
      this.#started.set(set, Infinity);
    }
    if (this.#started.get(set) === Infinity) this.#screen.draw(false);
  };

  end(): void {
    this.#screen.end();
  }
}
