/**
 * The derivation of one layer: reads its paths once and writes its recipe. An image has many layers, so this program starts
 * fast: it trusts its arguments, which other builders and nix/layers.nix wrote, and does not load zod. Readers of the recipe
 * check it.
 */
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

export function rulesOf(source: RuleSource): Permission[] {
  return typeof source === "string" ? (readJson(source) as { permissions: Permission[] }).permissions : source;
}
