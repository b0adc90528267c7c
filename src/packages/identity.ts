/** Computes the cache key of a package set from its expression and from the files that it reads. */
import { createHash } from "node:crypto";
import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../util/run-tool.ts";
import { STORE_DIR } from "../store/store-path.ts";

export interface Identity {
  /** A hash of the expression, and of the state of the files that the expression names on NIX_PATH or by absolute paths. */
  key: string;
  /** Whether the key determines the set: every file of the set is in the store or pinned by a hash. */
  isFixed: boolean;
}

export async function identityOf(expression: string): Promise<Identity> {
  const found = Array.from(expression.matchAll(/<([\w.+-]+)[^>]*>/g), async ([, name = ""]) =>
    (await runTool("nix-instantiate", ["--find-file", name])).trim(),
  );
  const named = Array.from(
    expression.matchAll(/(?:^|[\s(])(\/\w[\w./+-]*)|"(\/\w[^"\\]*)"/g),
    ([, bare, quoted]) => bare ?? quoted ?? "",
  );
  const states = [...(await Promise.all(found)), ...named].map(stateOf);
  const digest = createHash("sha256")
    .update(JSON.stringify([expression, states]))
    .digest("hex");
  const pinned = states.length > 0 || expression.includes("sha256");
  return { key: digest.slice(0, 32), isFixed: pinned && states.every((state) => typeof state === "string") };
}

/**
 * The state of a file or folder. A store path never changes; the state of any other path is its file names and
 * modification times.
 */
function stateOf(path: string): unknown {
  try {
    const real = realpathSync(path);
    if (real.startsWith(`${STORE_DIR}/`)) return real;
    const entries = statSync(real).isDirectory() ? readdirSync(real) : [""];
    return [real, entries.map((name) => [name, statSync(join(real, name), { throwIfNoEntry: false })?.mtimeMs])];
  } catch {
    return [path];
  }
}
