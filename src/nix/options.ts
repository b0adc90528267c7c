/** Selects options of one Nix command to pass to others. */
import { EXIT, ImgcError } from "../util/errors.ts";

/** Options that affect evaluation, with the number of their arguments. */
const OF_EVALUATION: Record<string, number> = {
  "--allow-import-from-derivation": 0,
  "--no-allow-import-from-derivation": 0,
  "--impure": 0,
  "--offline": 0,
  "-I": 1,
  "--include": 1,
  "--store": 1,
  "--eval-store": 1,
  "--experimental-features": 1,
  "--extra-experimental-features": 1,
  "--arg": 2,
  "--argstr": 2,
  "--option": 2,
};

/** Options of `nix build` that imgc cannot pass on, with what to do instead. */
const REFUSED: Record<string, string> = {
  "--dry-run": "imgc reads the result of the build; `imgc plan FILE` shows the layers without building them",
  "--expr": "imgc passes the expression of the description; `imgc compile FILE` prints that expression",
  "--file": "imgc passes the expression of the description; `imgc compile FILE` prints that expression",
  "-f": "imgc passes the expression of the description; `imgc compile FILE` prints that expression",
  "--help": "imgc reads the output of `nix build`; `nix build --help` explains its options",
  "--print-out-paths": "imgc reads the output of `nix build`; `imgc build FILE --json` prints the store paths",
  "--version": "imgc reads the output of `nix build`; `nix --version` prints the version",
};

/** Throws if an option would change which expression `nix build` evaluates, or the output that imgc reads. */
export function requireUsable(options: readonly string[]): void {
  for (const option of options) {
    const advice = Object.hasOwn(REFUSED, option) ? REFUSED[option] : undefined;
    if (advice !== undefined)
      throw new ImgcError(EXIT.usage, `\`${option}\` cannot be passed to \`nix build\`: ${advice}`);
  }
}

/** The `--store` option, if present. */
export function storeOptions(options: readonly string[]): string[] {
  const at = options.lastIndexOf("--store");
  return at < 0 ? [] : options.slice(at, at + 2);
}

/** The options of `nix build` that affect evaluation. */
export function evaluationOptions(options: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < options.length; i++) {
    const count = OF_EVALUATION[options[i] ?? ""];
    if (count === undefined) continue;
    kept.push(...options.slice(i, i + 1 + count));
    i += count;
  }
  return kept;
}
