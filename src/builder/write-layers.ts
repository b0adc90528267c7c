/**
 * Makes the recipes of layers, for several actions. An image has many layers, so this code starts fast: it trusts its
 * arguments, which other builders and nix/layers.nix wrote.
 */
import { mkdirSync } from "node:fs";
import { digestForms } from "../layer/digest.ts";
import { HASHING_COUNTS, HashingReport } from "../layer/hashing.ts";
import type { Compression, Layer, LayerContent, Permission, RootEntry } from "../layer/recipe.ts";
import { keepBlobs } from "./keep-blob.ts";
import { HelperThreads, sharedList, taken, type SharedList } from "./threads.ts";
import { phase, readJson, writeOutputs, type Outputs } from "./derivation.ts";

/** A layer of store paths, or of files outside the store. */
export interface BatchLayer {
  label: string;
  paths: string[];
  /** Files outside the store. Their attributes are final, so no rules apply to them. */
  entries?: RootEntry[];
}

/** Rules, or the content file that contains them. */
export type RuleSource = Permission[] | string;

/** Several layers of one derivation. */
export interface Batch {
  layers: BatchLayer[];
  /** Rules for files in the store. */
  permissions: Permission[];
  /** A compression for each form. */
  forms: Compression[];
  outputs: Outputs;
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
    const { label, paths, entries } = all[i] as BatchLayer;
    const content = { paths, entries: entries ?? [], permissions: entries === undefined ? permissions : [] };
    writeForms(outputs, await makeRecipes(label, content, forms, outputs, report, onChunk), i);
  }
}

export async function makeRecipes(
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

export function makeFolders({ out, digests, blobs }: Outputs, forms: number): void {
  if (blobs !== undefined) mkdirSync(blobs, { recursive: true });
  for (const output of [out, digests])
    for (const folder of FOLDERS.slice(0, forms))
      if (output !== undefined) mkdirSync(output + folder, { recursive: true });
}

export function writeForms(outputs: Outputs, recipes: readonly Layer[], index: number): void {
  for (const [i, recipe] of recipes.entries())
    writeOutputs(outputs, recipe, `${FOLDERS[i]}/${String(index).padStart(3, "0")}.json`);
}

export function rulesOf(source: RuleSource): Permission[] {
  return typeof source === "string" ? (readJson(source) as { permissions: Permission[] }).permissions : source;
}
