/**
 * The derivations of layers: read the paths of a layer once and write its recipe. An image has many layers, so this program
 * starts fast: it trusts its arguments, which other builders and nix/layers.nix wrote, and does not load zod. Readers of the
 * recipe check it.
 */
import { mkdirSync } from "node:fs";
import { digestForms } from "../../layer/digest.ts";
import { HASHING_COUNTS, HashingReport } from "../../layer/hashing.ts";
import type { Compression, Layer, LayerContent, Permission, RootEntry } from "../../layer/recipe.ts";
import { keepBlobs } from "../keep-blob.ts";
import { HelperThreads, sharedList, taken, type SharedList } from "../threads.ts";
import { phase, readAttributes, readJson, writeOutputs, type Outputs } from "../derivation.ts";

interface LayerArguments {
  label: string;
  paths: string[];
  /** Files outside the store, or the content file or database file that lists them. */
  entries: RootEntry[] | string;
  permissions: RuleSource;
  /** A compression for each form. */
  forms: Compression[];
  outputs: Outputs;
}

interface LayersArguments {
  layers: StoreLayer[];
  permissions: RuleSource;
  /** A compression for each form. */
  forms: Compression[];
  outputs: Outputs;
}

/** A layer of store paths. */
interface StoreLayer {
  label: string;
  paths: string[];
}

/** Rules, or the content file that contains them. */
type RuleSource = Permission[] | string;

export async function layer(): Promise<void> {
  const { label, paths, entries, permissions, forms, outputs } = readAttributes() as LayerArguments;
  const report = new HashingReport(1, phase);
  const files = typeof entries === "string" ? (readJson(entries) as { entries: RootEntry[] }).entries : entries;
  const content = { paths, entries: files, permissions: rulesOf(permissions) };
  const recipes = await makeRecipes(label, content, forms, outputs, report);
  const [only, ...others] = recipes;
  if (others.length === 0) return writeOutputs(outputs, only);
  makeFolders(outputs, forms.length);
  writeForms(outputs, recipes, 0);
}

/** A batch: several layers of store paths in one derivation. */
export async function layers(): Promise<void> {
  const { layers: batch, permissions, forms, outputs } = readAttributes() as LayersArguments;
  await writeLayers({ layers: batch, permissions: rulesOf(permissions), forms, outputs });
}

/** A batch with its rules, in place of a file that has them. */
interface Batch extends LayersArguments {
  permissions: Permission[];
}

/**
 * Writes the recipes of layers into the folder `layers` of each output, those of a second form into `zstd/layers`. Several
 * threads share the layers.
 */
export async function writeLayers(batch: Batch): Promise<void> {
  makeFolders(batch.outputs, batch.forms.length);
  const shared = sharedList(HASHING_COUNTS);
  const data: ThreadData = { batch, shared };
  await using helpers = new HelperThreads("thread", data, () => batch.layers.length - Atomics.load(shared.next, 0));
  await writeTaken(data, helpers.startIfLong);
  await helpers.finish();
}

interface ThreadData {
  batch: Batch;
  shared: SharedList;
}

/** The action of a helper thread: makes layers of the batch that no other thread has taken. */
export async function thread(): Promise<void> {
  const { workerData } = process.getBuiltinModule("node:worker_threads");
  await writeTaken(workerData as ThreadData);
}

/** Makes the layers that this thread takes. `onChunk` is called for each piece of a tar stream. */
async function writeTaken({ batch, shared }: ThreadData, onChunk = () => {}): Promise<void> {
  const { layers: all, permissions, forms, outputs } = batch;
  const report = new HashingReport(all.length, phase, shared.counts);
  for (const i of taken(shared, all.length)) {
    const { label, paths } = all[i] as StoreLayer;
    const content = { paths, entries: [], permissions };
    writeForms(outputs, await makeRecipes(label, content, forms, outputs, report, onChunk), i);
  }
}

async function makeRecipes(
  label: string,
  content: LayerContent,
  forms: readonly Compression[],
  { blobs }: Outputs,
  report: HashingReport,
  onChunk = () => {},
): Promise<Layer[]> {
  report.start(label);
  const add = (chunk: Buffer) => {
    report.add(chunk);
    onChunk();
  };
  const recipes = await keepBlobs(blobs, forms.length, (onPacked) =>
    digestForms(label, content, forms, { onChunk: add, onPacked }),
  );
  report.finish();
  return recipes;
}

/** The folders of recipes in an output, by form. */
const FOLDERS = ["/layers", "/zstd/layers"];

function makeFolders({ out, digests }: Outputs, forms: number): void {
  for (const output of [out, digests])
    for (const folder of FOLDERS.slice(0, forms))
      if (output !== undefined) mkdirSync(output + folder, { recursive: true });
}

function writeForms(outputs: Outputs, recipes: readonly Layer[], index: number): void {
  for (const [i, recipe] of recipes.entries())
    writeOutputs(outputs, recipe, `${FOLDERS[i]}/${String(index).padStart(3, "0")}.json`);
}

export function rulesOf(source: RuleSource): Permission[] {
  return typeof source === "string" ? (readJson(source) as { permissions: Permission[] }).permissions : source;
}
