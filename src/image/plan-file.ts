/** The plan derivation's output: the store paths that the image adds to its bases, and the layer of each. */
import * as z from "zod/mini";
import { FileCount } from "./content-file.ts";

/** A store path of the image. `narHash` is in any of Nix's notations, `narSize` in bytes. */
export const ClosureEntry = z.strictObject({
  path: z.string(),
  narHash: z.string(),
  narSize: z.number(),
  references: z.array(z.string()),
});
export type ClosureEntry = z.infer<typeof ClosureEntry>;

/** A path in a file: its index in the closure of the file, or the path itself. */
const PathNumber = z.union([z.number().check(z.int(), z.nonnegative()), z.string()]);
type PathNumber = z.infer<typeof PathNumber>;

/** Gets an index that no path of the closure has. */
type OnMissing = (index: PathNumber) => void;

/**
 * A closure in a file. A change of an application adds such files to the store, and closures are most of their bytes. So entries
 * have no member names, and references are indexes.
 */
const ClosureText = z.strictObject({
  /** The folder of all paths, with a slash at its end; "" if the paths are in several folders. */
  folder: z.string(),
  /** The start of all hashes, such as "sha256:". */
  hash: z.string(),
  /** For each path: its name in the folder, the rest of `narHash`, `narSize`, and references. */
  paths: z.array(z.tuple([z.string(), z.string(), z.number(), z.array(PathNumber)])),
});
type ClosureText = z.infer<typeof ClosureText>;

export const Closure = z.codec(ClosureText, z.array(ClosureEntry), {
  decode: (text, { issues }) => readClosure(text, missingIn(issues)),
  encode: closureText,
});

function missingIn(issues: z.core.$ZodRawIssue[]): OnMissing {
  return (input) => issues.push({ code: "custom", input, message: `no path of the closure has the index ${input}` });
}

function readClosure(text: ClosureText, onMissing: OnMissing): ClosureEntry[] {
  const paths = pathsOf(text);
  return text.paths.map(([, rest, narSize, references], i) => {
    const narHash = text.hash + rest;
    return { path: paths[i] as string, narHash, narSize, references: readPaths(references, paths, onMissing) };
  });
}

export function closureText(entries: ClosureEntry[]): ClosureText {
  const folder = commonStart(
    entries.map(({ path }) => path),
    /^.*\//,
  );
  const hash = commonStart(
    entries.map(({ narHash }) => narHash),
    /^\w+[:-]/,
  );
  const numberOf = numbersOf(entries);
  return {
    folder,
    hash,
    paths: entries.map(({ path, narHash, narSize, references }): ClosureText["paths"][number] => {
      return [path.slice(folder.length), narHash.slice(hash.length), narSize, references.map(numberOf)];
    }),
  };
}

/** The match at the start of the first text, if all texts start with it; otherwise "". */
function commonStart(texts: string[], pattern: RegExp): string {
  const [start = ""] = pattern.exec(texts[0] ?? "") ?? [];
  return texts.every((text) => text.startsWith(start)) ? start : "";
}

function pathsOf({ folder, paths }: ClosureText): string[] {
  return paths.map(([name]) => folder + name);
}

function numbersOf(closure: ClosureEntry[]): (path: string) => PathNumber {
  const indexes = new Map(closure.map(({ path }, i) => [path, i]));
  return (path) => indexes.get(path) ?? path;
}

/** The paths with these numbers. */
function readPaths(numbers: PathNumber[], paths: string[], onMissing: OnMissing): string[] {
  return numbers.map((number) => {
    const path = typeof number === "string" ? number : paths[number];
    if (path === undefined) onMissing(number);
    return path ?? "";
  });
}

const LAYER = {
  name: z.string(),
  /** The comment in the image's history. */
  comment: z.optional(z.string()),
  /** Layers with the same name of a batch are made by one derivation (plan/batches.ts). */
  batch: z.optional(z.string()),
};
const PLAN = {
  version: z.literal(4),
  /** The limit of these layers if `auto` splits all paths; other images may share layers of this plan. */
  autoBudget: z.optional(z.number()),
  /**
   * Sorted store paths that the image names directly. Every path in `layers` is in the closure of these paths, or of the roots of
   * a base.
   */
  roots: z.array(z.string()),
  /** Whether the derivation of the plan makes the layer of files, after the layers of the application. */
  hasFilesLayer: z.optional(z.literal(true)),
  /** The number and size of the base's files that rules write again (content-file.ts); missing without any. */
  rewritten: z.optional(FileCount),
};

/** A plan in a file. nix/layers.nix reads it, too. */
export const PlanText = z.strictObject({
  ...PLAN,
  layers: z.array(z.strictObject({ ...LAYER, paths: z.array(PathNumber) })),
  closure: ClosureText,
});

const Plan = z.strictObject({
  ...PLAN,
  /** Store layers, deepest first. */
  layers: z.array(z.strictObject({ ...LAYER, paths: z.array(z.string()) })),
  /** The store paths that this plan describes, sorted: the paths in its layers, and paths of a base that has no database. */
  closure: z.array(ClosureEntry),
});

export const PlanFile = z.codec(PlanText, Plan, {
  decode: (plan, { issues }) => decodePlan(plan, missingIn(issues)),
  encode: encodePlan,
});
export type PlanFile = z.infer<typeof Plan>;
export type PlanText = z.infer<typeof PlanText>;

/** Without a check of the plan. */
export function decodePlan(plan: PlanText, onMissing: OnMissing = () => {}): PlanFile {
  const paths = pathsOf(plan.closure);
  const layers = plan.layers.map((layer) => ({ ...layer, paths: readPaths(layer.paths, paths, onMissing) }));
  return { ...plan, layers, closure: readClosure(plan.closure, onMissing) };
}

export function encodePlan(plan: PlanFile): PlanText {
  const numberOf = numbersOf(plan.closure);
  const layers = plan.layers.map((layer) => ({ ...layer, paths: layer.paths.map(numberOf) }));
  return { ...plan, layers, closure: closureText(plan.closure) };
}

/** The paths of a closure to which no other path of it refers. */
export function unreferenced(closure: ClosureEntry[]): string[] {
  const needed = new Set(closure.flatMap(({ path, references }) => references.filter((each) => each !== path)));
  return closure.flatMap(({ path }) => (needed.has(path) ? [] : [path]));
}
