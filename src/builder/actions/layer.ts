/**
 * The derivations of layers: read the paths of a layer once and write its recipe. An image has many layers, so this program
 * starts fast: it trusts its arguments, which other builders and nix/layers.nix wrote, and does not load zod. Readers of the
 * recipe check it.
 */
import { mkdirSync } from "node:fs";
import { digestLayer } from "../../layer/digest.ts";
import { HashingReport } from "../../layer/hashing.ts";
import type { Compression, Permission, RootEntry } from "../../layer/recipe.ts";
import { keepBlob } from "../keep-blob.ts";
import { phase, readAttributes, readJson, writeOutputs, type Outputs } from "../derivation.ts";

interface LayerArguments {
  label: string;
  paths: string[];
  /** Files outside the store, or the content file or database file that lists them. */
  entries: RootEntry[] | string;
  permissions: RuleSource;
  compression: Compression;
  outputs: Outputs;
}

interface LayersArguments {
  layers: StoreLayer[];
  permissions: RuleSource;
  compression: Compression;
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
  const { label, paths, entries, permissions, compression, outputs } = readAttributes() as LayerArguments;
  const report = new HashingReport(1, phase);
  report.start(label);
  const files = typeof entries === "string" ? (readJson(entries) as { entries: RootEntry[] }).entries : entries;
  const content = { paths, entries: files, permissions: rulesOf(permissions) };
  const recipe = await keepBlob(outputs.blobs, (onPacked) =>
    digestLayer(label, content, compression, "", report.add, onPacked),
  );
  report.finish();
  writeOutputs(outputs, recipe);
}

/** A batch: several layers of store paths in one derivation. */
export async function layers(): Promise<void> {
  const { layers: batch, permissions, compression, outputs } = readAttributes() as LayersArguments;
  await writeLayers(batch, rulesOf(permissions), compression, outputs);
}

/** Writes the recipes of layers into the folder `layers` of each output. */
export async function writeLayers(
  batch: readonly StoreLayer[],
  permissions: Permission[],
  compression: Compression,
  outputs: Outputs,
): Promise<void> {
  for (const output of [outputs.out, outputs.digests])
    if (output !== undefined) mkdirSync(`${output}/layers`, { recursive: true });
  const report = new HashingReport(batch.length, phase);
  for (const [i, { label, paths }] of batch.entries()) {
    report.start(label);
    const content = { paths, entries: [], permissions };
    const recipe = await keepBlob(outputs.blobs, (onPacked) =>
      digestLayer(label, content, compression, "", report.add, onPacked),
    );
    report.finish();
    writeOutputs(outputs, recipe, `/layers/${String(i).padStart(3, "0")}.json`);
  }
}

export function rulesOf(source: RuleSource): Permission[] {
  return typeof source === "string" ? (readJson(source) as { permissions: Permission[] }).permissions : source;
}
