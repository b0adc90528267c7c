/**
 * `expect reproducible`: Nix builds parts of an image again and compares them with the first build: imgc's derivations, and
 * those packages and copied files that were built on this machine, not fetched from a cache.
 */
import { existsSync, lstatSync, realpathSync } from "node:fs";
import * as z from "zod/mini";
import { readImageDirectory } from "../image/image-directory.ts";
import { BuildFailure, BuildLog } from "../nix/build-log.ts";
import { anyForm } from "../nix/commands.ts";
import { parseLog } from "../nix/log.ts";
import { outputsOf, ownAction, readDerivation } from "../store/derivation.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { treeDifference } from "./tree-difference.ts";

const Output = z.looseObject({ hash: z.optional(z.string()) });
const Derivation = z.looseObject({
  builder: z.string(),
  args: z.array(z.string()),
  outputs: z.record(z.string(), Output),
});
const Known = z.record(z.string(), Derivation);
/**
 * Up to Nix 2.32, the keys are store paths. Since 2.33, the attribute `derivations` has the names of store paths as
 * keys.
 */
const Derivations = z.union([z.object({ derivations: Known }), Known]);
/** File systems store times in steps of up to this many milliseconds. */
const CLOCK_STEP = 2000;
const PathInfo = z.looseObject({
  deriver: z.optional(z.nullable(z.string())),
  ultimate: z.optional(z.boolean()),
});
/** A list, or (since Nix 2.19) an object with paths as keys. */
const PathInfos = z.union([z.array(PathInfo), z.record(z.string(), z.nullable(PathInfo))]);
/** Matches derivations that build outside the sandbox: they can see the whole machine. */
const OUTSIDE = /__noChroot\\?":\s*(?:true|"1")/;
/** Actions that read content or check the image. They are built again only if this store built them. */
const OTHER_ACTIONS: ReadonlySet<string> = new Set(["layer", "layers", "extract", "checks"]);
/** The forms of two commands. Nix 2.19 renamed the first; newer versions require a format for the second. */
const SHOW = [["derivation", "show"], ["show-derivation"]];
const PATH_INFO = [
  ["path-info", "--json", "--json-format", "1"],
  ["path-info", "--json"],
];

export interface ReproducibleOptions {
  onStep?: (step: string) => void;
  signal?: AbortSignal;
}

/** A finding for each part whose second build differs, with lines that show the differences. */
export async function checkReproducible(
  path: string,
  { onStep = () => {}, signal }: ReproducibleOptions = {},
): Promise<string[]> {
  const { root, file } = readImageDirectory(path);
  const store = root === "" ? [] : ["--store", root];
  const output = realpathSync(path).slice(root.length);
  if (!output.startsWith(`${file.storeDir}/`)) {
    throw new ToolError(
      `\`expect reproducible\` needs the image in the store that built it, but ${path} is not in a store`,
    );
  }
  const deriver = (await runTool("nix-store", [...store, "--query", "--deriver", output])).trim();
  if (!deriver.endsWith(".drv") || !existsSync(root + deriver)) {
    throw new ToolError(
      `\`expect reproducible\` needs the derivation of ${output}, but this store does not contain it`,
    );
  }
  const contents = await builtHere(output, store, root);
  const parsed = Derivations.parse(JSON.parse(await anyForm(SHOW, [...store, "-r", deriver])));
  const known = isWrapped(parsed) ? parsed.derivations : parsed;
  const all = Object.entries(known).flatMap(([key, details]) => {
    const derivation = key.startsWith("/") ? key : `${file.storeDir}/${key}`;
    const action = ownAction(details);
    const isPart = action !== undefined && !OTHER_ACTIONS.has(action);
    return isPart || (contents.has(derivation) && isComparable(details)) ? [derivation] : [];
  });
  const found: string[] = [];
  for (const [i, derivation] of all.entries()) {
    onStep(`building again, part ${i + 1} of ${all.length}`);
    found.push(...(await rebuild(store, root, derivation, signal)));
  }
  return found;
}

/** The .drv files, if they still exist, of the packages and copied files that were built in this store. */
async function builtHere(image: string, store: string[], root: string): Promise<Set<string>> {
  const text = await anyForm(PATH_INFO, [...store, "--recursive", image]);
  const infos = PathInfos.parse(JSON.parse(text));
  const entries = Array.isArray(infos) ? infos : Object.values(infos);
  const derivations = entries.flatMap((info) => (info?.ultimate === true ? [info.deriver ?? ""] : []));
  return new Set(derivations.filter((each) => each !== "" && existsSync(root + each)));
}

function isWrapped(parsed: z.infer<typeof Derivations>): parsed is { derivations: z.infer<typeof Known> } {
  return "derivations" in parsed;
}

/**
 * Whether a second build can be compared with the first. Fixed outputs always have the known hash; a build outside the
 * sandbox depends on the machine.
 */
function isComparable(derivation: z.infer<typeof Derivation>): boolean {
  const isFetched = Object.values(derivation.outputs).some(({ hash }) => hash !== undefined);
  return !isFetched && !OUTSIDE.test(JSON.stringify(derivation));
}

async function rebuild(
  store: string[],
  root: string,
  derivation: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const started = Date.now();
  const log = new BuildLog();
  const onErrorLine = (line: string) => {
    const event = parseLog(line);
    if (event !== undefined) log.add(event);
  };
  try {
    const args = ["--realise", "--check", "--keep-failed", "--log-format", "internal-json", derivation];
    await runTool("nix-store", [...store, ...args], { onErrorLine, signal });
    return [];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    // The output of the second build is kept for comparison until the next garbage collection.
    const kept = outputsOf(root + derivation)
      .map((output) => `${root}${output}.check`)
      .filter((path) => (lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) >= started - CLOCK_STEP);
    if (kept.length > 0) return kept.map(difference);
    // `isMissing: undefined`: the outputs of the first build exist, so missing outputs cannot show that this build
    // failed.
    const own = readDerivation(root + derivation);
    const failure = log.failure(new Map(own && [[derivation, { ...own, isMissing: undefined }]]));
    if (failure === undefined || failure.error !== undefined) throw error;
    return [`expect reproducible: ${new BuildFailure(failure).message}`];
  }
}

function difference(other: string): string {
  const first = other.replace(/\.check$/, "");
  const lines = treeDifference(first, other).map((each) => `\n  ${each}`);
  return `expect reproducible: the second build of ${first} differs; it is in ${other}${lines.join("")}`;
}
