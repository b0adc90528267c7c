/**
 * The derivations of layers: read the paths of a layer once and write its recipe. An image has many layers, so this program
 * starts fast: it trusts its arguments, which other builders and nix/layers.nix wrote, and does not load zod. Readers of the
 * recipe check it.
 */
import { mkdirSync } from "node:fs";
import { digestForms } from "../../layer/digest.ts";
import { HashingReport } from "../../layer/hashing.ts";
import type { Compression, Layer, LayerContent, Permission, RootEntry } from "../../layer/recipe.ts";
import { keepBlobs } from "../keep-blob.ts";
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
export type RuleSource = Permission[] | string;

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
  await writeLayers(batch, rulesOf(permissions), forms, outputs);
}

/** Writes the recipes of layers into the folder `layers` of each output, those of a second form into `zstd/layers`. */
export async function writeLayers(
  batch: readonly StoreLayer[],
  permissions: Permission[],
  forms: readonly Compression[],
  outputs: Outputs,
): Promise<void> {
  makeFolders(outputs, forms.length);
  const report = new HashingReport(batch.length, phase);
  for (const [i, { label, paths }] of batch.entries())
    writeForms(outputs, await makeRecipes(label, { paths, entries: [], permissions }, forms, outputs, report), i);
}

async function makeRecipes(
  label: string,
  content: LayerContent,
  forms: readonly Compression[],
  { blobs }: Outputs,
  report: HashingReport,
): Promise<Layer[]> {
  report.start(label);
  const recipes = await keepBlobs(blobs, forms.length, (onPacked) =>
    digestForms(label, content, forms, { onChunk: report.add, onPacked }),
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
