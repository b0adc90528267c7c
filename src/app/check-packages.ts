/** `imgc check --packages`: looks up every package that a file itself names. */
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Inspect } from "../fixes/index.ts";
import type { CheckResult } from "../language/index.ts";
import { checkPackages, type IndexProgress } from "../packages/index.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { packageSetOf, type PackageSetFlags } from "./package-set.ts";
import { Screen } from "../cli/terminal/screen.ts";

/** Milliseconds before a slow lookup is reported. */
const REPORT_DELAY = 2000;

/** `nixpkgs`: a package set that replaces those of the files. */
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
    const remedy = `pin it with \`imgc lock ${root.source.path}\`, or pass --nixpkgs`;
    throw new ImgcError(
      EXIT.findings,
      `the package set of ${root.source.path} is a flake reference without a pin; ${remedy}`,
    );
  }
  // Index nested sets, as deep as the packages that the file names.
  for (;;) {
    const { diagnostics, missing, wrong } = checkPackages(root, (inside) => packages.known(inside));
    // Before reporting an unknown name, renew an index that may be out of date.
    if (missing.length === 0 && (diagnostics.length === 0 || !packages.renew(wrong))) return diagnostics;
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

/** Whether Nix finds `<nixpkgs>`; true if Nix cannot be asked. */
async function hasLookup(): Promise<boolean> {
  const args = ["--eval", "-E", "(builtins.tryEval <nixpkgs>).success"];
  const found = await runTool("nix-instantiate", args).catch(() => "true");
  return found.trim() === "true";
}

/** Prints a line for each set that takes long; on a terminal, with a count below it. */
class IndexProgressLines {
  #count = "";
  readonly #screen = new Screen(process.stderr, () => [this.#count]);
  readonly #started = new Map<string, number>();

  readonly on: IndexProgress = (inside, known, total) => {
    const set = inside.length === 0 ? "the package set" : inside.join(".");
    const before = this.#started.get(set);
    this.#count = `  ${known} of ${total}`;
    if (before === undefined) this.#started.set(set, Date.now());
    else if (Date.now() - before > REPORT_DELAY) {
      this.#screen.line(`imgc: indexing the ${total} names of ${set} with Nix; the index is kept for the next run`);
      this.#started.set(set, Infinity);
    }
    if (this.#started.get(set) === Infinity) this.#screen.draw(false);
  };

  end(): void {
    this.#screen.end();
  }
}
