/**
 * Lists the names of a package set with Nix, in batches that limit Nix's memory. Nix prints each name immediately, so a name
 * that aborts the evaluation costs one more evaluation, which continues after that name.
 */
import { stripVTControlCharacters } from "node:util";
import * as z from "zod/mini";
import { runTool, ToolError } from "../util/run-tool.ts";

/**
 * A name in a package set. The kind `other` is for functions and other values that are not packages, and for names that cannot
 * be evaluated; the attribute `other` tells functions, failures, and values of types that are never packages.
 */
export const PackageName = z.object({
  name: z.string(),
  kind: z.enum(["package", "set", "other"]),
  other: z.optional(z.enum(["function", "failure", "bool", "float", "int", "list", "null"])),
  version: z.string(),
  description: z.string(),
});
export type PackageName = z.infer<typeof PackageName>;

/** The names of a set in Nix's order. An unfinished index has fewer than `total`. */
export interface Index {
  total: number;
  names: PackageName[];
}

const Line = z.union([z.object({ total: z.int() }), z.object({ names: z.array(z.string()) }), PackageName]);
type Line = z.infer<typeof Line>;

/** The prefix of lines from `nix/package-names.nix`. */
const MARK = "imgc-index ";

/** The number of names that one run of Nix evaluates. Nix frees its memory only when the run ends. */
const BATCH_SIZE = 2500;

/** If an outdated index lacks more names than this, all names are listed again. */
const MAX_NEW_NAMES = 100;

export interface Question {
  /** The path of `nix/package-names.nix`. */
  program: string;
  /** The package set, as Nix code. */
  expression: string;
  /** The attribute path, from the package set, of the set to list. */
  inside: readonly string[];
}

/**
 * Lists the names of a set, in Nix's order. `known`: the start of the list, from an earlier run. `onName` is called after
 * each new name. Throws a ToolError if Nix is missing or the set cannot be evaluated.
 */
export async function askNames(
  question: Question,
  known: readonly PackageName[] = [],
  onName: (progress: Index) => void = () => {},
): Promise<PackageName[]> {
  const progress: Index = { total: Infinity, names: [...known] };
  let failed = false;
  while (progress.names.length < progress.total) {
    const from = progress.names.length;
    let isReached = false;
    try {
      await ask(question, { from, count: BATCH_SIZE, failed }, (line) => {
        if ("total" in line) {
          isReached = true;
          progress.total = line.total;
        } else if ("kind" in line) {
          progress.names.push(line);
          onName(progress);
        }
      });
      failed = false;
      if (progress.names.length !== Math.min(from + BATCH_SIZE, progress.total))
        throw new Error(`package-names.nix printed ${progress.names.length} of ${progress.total} names`);
    } catch (error) {
      // Without the line with the total, the set itself cannot be evaluated. After two failures at the same name, a
      // third would follow.
      if (!(error instanceof ToolError) || !isReached || (failed && progress.names.length === from)) throw error;
      failed = true;
    }
  }
  return progress.names;
}

/**
 * Updates an index that may be outdated to the set's current names; undefined if too many names are new. `doubted`:
 * names to evaluate again even if they are in the index.
 */
export async function renewNames(
  question: Question,
  before: readonly PackageName[],
  doubted: readonly string[] = [],
): Promise<PackageName[] | undefined> {
  const known = new Map(before.map((each) => [each.name, each]));
  doubted.forEach((name) => known.delete(name));
  let names: string[] = [];
  const listed = (line: Line): void => {
    if ("names" in line) names = line.names;
    if ("kind" in line) known.set(line.name, line);
  };
  await ask(question, { only: [] }, listed);
  const fresh = names.filter((name) => !known.has(name));
  if (fresh.length > MAX_NEW_NAMES) return undefined;
  for (let left = fresh; left.length > 0; left = left.filter((name) => !known.has(name))) {
    const [first = ""] = left;
    try {
      await ask(question, { only: left }, listed);
      break;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      // The first name for which Nix printed no line is the name that ended the evaluation.
      const failed = left.find((name) => !known.has(name)) ?? first;
      known.set(failed, { name: failed, kind: "other", other: "failure", version: "", description: "" });
    }
  }
  return names.flatMap((name) => known.get(name) ?? []);
}

interface Options {
  from?: number;
  count?: number;
  failed?: boolean;
  only?: string[];
}

async function ask(
  { program, expression, inside }: Question,
  { only, ...options }: Options,
  onLine: (line: Line) => void,
): Promise<void> {
  // A set may import parts of itself from the store, so Nix needs a store to copy these to.
  const args = [
    "--eval",
    "--read-write-mode",
    program,
    "--arg",
    "set",
    expression,
    "--argstr",
    "inside",
    JSON.stringify(inside),
  ];
  for (const [name, value] of Object.entries(options)) args.push("--arg", name, String(value));
  if (only !== undefined) args.push("--argstr", "only", JSON.stringify(only));
  await runTool("nix-instantiate", args, {
    onErrorLine(text) {
      const at = text.indexOf(MARK);
      if (at < 0) return;
      const line = Line.safeParse(jsonOf(stripVTControlCharacters(text.slice(at + MARK.length))));
      if (line.success) onLine(line.data);
    },
  });
}

/** The JSON value of a line; undefined if the line is other output that contains the mark. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
