/** Selects options of one Nix command to pass to others. */

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
